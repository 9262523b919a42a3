# constants.jl: the numbers and the structs of the header, in the order of the header.
# SPDX-License-Identifier: MIT
#
# test/header.jl reads the header and fails where these differ from it, in either direction.

"""
    CONSTANTS

Every enum constant of the header by name, as the tests and the error messages look it up.
"""
const CONSTANTS = Dict{Symbol,Int32}()

# @constants begin RF_OK = 0 ... end: defines each as an Int32 and enters it into CONSTANTS.
macro constants(block)
    out = Expr(:block)
    for line in block.args
        line isa LineNumberNode && continue
        name, value = line.args
        push!(out.args, :(const $(esc(name)) = Int32($value)))
        push!(out.args, :($CONSTANTS[$(QuoteNode(name))] = Int32($value)))
    end
    push!(out.args, nothing)
    return out
end

@constants begin
    RF_OK = 0
    RF_STOPPED = 1
    RF_EVENT_LIMIT = 2
    RF_NO_EVENT = 3
    RF_ERROR_ARGUMENT = -1
    RF_ERROR_NOT_FINITE = -2
    RF_ERROR_SIZE = -3
    RF_ERROR_MEMORY = -4
    RF_ERROR_STATE = -5
    RF_ERROR_NUMERICAL = -6
    RF_ERROR_CORRUPT = -7
    RF_ERROR_CAPACITY = -8

    RF_BORROW_DATA = 1
    RF_DATA_F32 = 2

    RF_RELU = 0
    RF_LEAKY_RELU = 1
    RF_LINEAR = 2

    RF_EVENT_DEACTIVATE = 1
    RF_EVENT_ACTIVATE = 2
    RF_EVENT_SLIDE_ENTER = 3
    RF_EVENT_SLIDE_EXIT_ACTIVE = 4
    RF_EVENT_SLIDE_EXIT_INACTIVE = 5
    RF_EVENT_ORIGIN = 6
    RF_EVENT_ORIGIN_EXIT = 7

    RF_FLAG_AMBIGUOUS = 1
    RF_FLAG_DOUBTFUL = 2
    RF_FLAG_INNER = 4

    RF_INNER_NONE = 0
    RF_INNER_ESCAPE = 1
    RF_INNER_DEAD = 2
    RF_INNER_COLLAPSE = 3
    RF_INNER_FROZEN = 4

    RF_SUPPORT_ACTIVE = 0
    RF_SUPPORT_TRAJECTORY = 1
    RF_SUPPORT_BOUNDARY = 2

    RF_TIME = 1
    RF_WEIGHTS = 2
    RF_VELOCITY = 3
    RF_LOSS = 4
    RF_GRADIENT = 5
    RF_GRADIENT_NORM = 6
    RF_WEIGHT_NORM = 7
    RF_NORM_RATE = 8
    RF_MARGINS = 9
    RF_RESIDUALS = 10
    RF_PATTERN = 11
    RF_COEFFICIENTS = 12
    RF_MULTIPLIERS = 13
    RF_DEACTIVATIONS = 14
    RF_REACTIVATIONS = 15
    RF_FIRST_ACTIVE = 16
    RF_LAST_ACTIVE = 17
    RF_PATH_LENGTH = 18
    RF_CONVERGED = 19
    RF_LEAST_NORM = 20
    RF_FLAGS = 21
    RF_STATUS = 22
    RF_INNER_ENDING = 23
    RF_RATES = 24
    RF_OUTPUTS = 25

    RF_POINT_INTERIOR_MINIMUM = 1
    RF_POINT_FLAT_MINIMUM = 2
    RF_POINT_KINK_MINIMUM = 3
    RF_POINT_KINK_SADDLE = 4
    RF_POINT_ZERO_LABEL_MINIMUM = 5
    RF_POINT_KINK_RAY = 6
    RF_POINT_DEAD_CONE = 7
    RF_POINT_ORIGIN = 8
end

# What rf_model, rf_sweep and rf_landscape point to is known to the library only.
struct CModel end
struct CSweep end
struct CLandscape end

"""
    rf_event

One event as the library writes it: datum and neuron count from 0.  [`ReluFlow.Event`](@ref)
counts from 1.
"""
struct rf_event
    time::Float64
    datum::Int64
    neuron::Int64
    kind::Int32
    flags::Int32
end

"""
    rf_stationary_point

One stationary point as the library writes it: datum counts from 0.
[`ReluFlow.StationaryPoint`](@ref) counts from 1.
"""
struct rf_stationary_point
    kind::Int32
    flags::Int32
    datum::Int64
    w::NTuple{2,Float64}
    direction::NTuple{2,Float64}
    range::NTuple{2,Float64}
    loss::Float64
    theta::Float64
end

"""
    rf_allocator

Where a model's memory comes from.  Its functions may be called from threads that Julia does not
know: they have to be C functions, not ones made with `@cfunction`.
"""
struct rf_allocator
    allocate::Ptr{Cvoid}
    release::Ptr{Cvoid}
    user::Ptr{Cvoid}
end
