# declarations.jl: every function of the header, as one ccall each, in the order of the header.
# SPDX-License-Identifier: MIT
#
# test/header.jl reads the header and fails where these differ from it, in either direction.

"""
    Declaration

A function of the header: its name, the type of its result, those of its arguments, their names.
"""
struct Declaration
    name::Symbol
    result::Type
    types::Vector{Type}
    arguments::Vector{Symbol}
end

"""
    DECLARATIONS

Every function of the header.  `POINTERS[i]` is where `DECLARATIONS[i]` was loaded, C_NULL before.
"""
const DECLARATIONS = Declaration[]
const POINTERS = Ptr{Cvoid}[]

@noinline not_loaded(i) = error("ReluFlow: ", DECLARATIONS[i].name, " is not loaded")

@inline function address(i)
    p = POINTERS[i]
    p == C_NULL && not_loaded(i)
    return p
end

# @declare begin name(argument::Type, ...)::Result ... end: defines a function that calls the
# library's, and enters it into DECLARATIONS.
macro declare(block)
    out = Expr(:block)
    count = 0
    for line in block.args
        line isa LineNumberNode && continue
        count += 1
        call, result = line.args
        name = call.args[1]
        arguments = Symbol[argument.args[1] for argument in call.args[2:end]]
        types = Any[esc(argument.args[2]) for argument in call.args[2:end]]
        names = map(esc, arguments)
        text = "    $line\n\nThe C function of this name: `reluflow/reluflow.h` is its reference.  " *
               "Arrays and `Ref`s go where it takes pointers; their element types are not checked."
        push!(out.args, :(push!(DECLARATIONS, Declaration($(QuoteNode(name)), $(esc(result)),
                                                          Type[$(types...)], $arguments))))
        push!(out.args, :(push!(POINTERS, C_NULL)))
        ccall_expr = Expr(:call, :ccall, :(address($count)), esc(result),
                          Expr(:tuple, types...), names...)
        push!(out.args, :(@doc $text $(esc(name))($(names...)) = $ccall_expr))
    end
    push!(out.args, nothing)
    return out
end

@declare begin
    rf_version()::UInt32
    rf_version_string()::Cstring
    rf_status_string(status::Int32)::Cstring

    rf_model_create(n::Int64, d::Int64, X::Ptr{Float64}, y::Ptr{Float64},
                    out::Ptr{Ptr{CModel}})::Int32
    rf_model_create_ex(n::Int64, d::Int64, X::Ptr{Cvoid}, row_stride::Int64, col_stride::Int64,
                       y::Ptr{Float64}, flags::UInt32, allocator::Ptr{rf_allocator},
                       out::Ptr{Ptr{CModel}}, message::Ptr{UInt8}, message_capacity::Int64)::Int32
    rf_model_clone(model::Ptr{CModel}, out::Ptr{Ptr{CModel}})::Int32
    rf_model_free(model::Ptr{CModel})::Cvoid
    rf_model_count(model::Ptr{CModel})::Int64
    rf_model_dim(model::Ptr{CModel})::Int64
    rf_model_neurons(model::Ptr{CModel})::Int64
    rf_model_error(model::Ptr{CModel})::Cstring

    rf_model_set_activation(model::Ptr{CModel}, activation::Int32, negative_slope::Float64)::Int32
    rf_model_set_outer_weights(model::Ptr{CModel}, neurons::Int64, a::Ptr{Float64},
                               len::Int64)::Int32
    rf_model_set_data_weights(model::Ptr{CModel}, c::Ptr{Float64}, len::Int64)::Int32
    rf_model_set_event_limit(model::Ptr{CModel}, max_events::Int64)::Int32
    rf_model_set_recording(model::Ptr{CModel}, on::Int32)::Int32
    rf_model_set_threads(model::Ptr{CModel}, threads::Int32)::Int32
    rf_model_set_callback(model::Ptr{CModel}, callback::Ptr{Cvoid}, user::Ptr{Cvoid})::Int32

    rf_model_init(model::Ptr{CModel}, w0::Ptr{Float64}, len::Int64)::Int32
    rf_model_init_direction(model::Ptr{CModel}, u::Ptr{Float64}, len::Int64, scale::Float64)::Int32
    rf_model_step(model::Ptr{CModel}, eta::Float64, steps::Int64)::Int32
    rf_model_integrate(model::Ptr{CModel}, t_end::Float64)::Int32
    rf_model_advance(model::Ptr{CModel}, t_max::Float64, out::Ptr{rf_event})::Int32

    rf_model_query_size(model::Ptr{CModel}, quantity::Int32, len::Ptr{Int64})::Int32
    rf_model_query(model::Ptr{CModel}, quantity::Int32, out::Ptr{Float64}, len::Int64)::Int32
    rf_model_query_at(model::Ptr{CModel}, t::Float64, quantity::Int32, out::Ptr{Float64},
                      len::Int64)::Int32
    rf_model_sample(model::Ptr{CModel}, count::Int64, times::Ptr{Float64}, quantity::Int32,
                    out::Ptr{Float64}, len::Int64)::Int32
    rf_model_evaluate(model::Ptr{CModel}, w::Ptr{Float64}, w_len::Int64, quantity::Int32,
                      out::Ptr{Float64}, len::Int64)::Int32
    rf_model_pattern(model::Ptr{CModel}, state::Ptr{UInt8}, len::Int64)::Int32
    rf_model_event_count(model::Ptr{CModel})::Int64
    rf_model_events(model::Ptr{CModel}, first::Int64, count::Int64, out::Ptr{rf_event})::Int32
    rf_model_support(model::Ptr{CModel}, kind::Int32, indices::Ptr{Int64}, capacity::Int64,
                     count::Ptr{Int64})::Int32
    rf_model_leave_one_out(model::Ptr{CModel}, count::Int64, data::Ptr{Int64}, W::Ptr{Float64},
                           len::Int64, progress::Ptr{Cvoid}, user::Ptr{Cvoid})::Int32
    rf_model_norm_certificate(model::Ptr{CModel}, strictly_increasing::Ptr{Int32},
                              first_failure::Ptr{Float64})::Int32
    rf_model_neuron_certificates(model::Ptr{CModel}, strictly_increasing::Ptr{Int32},
                                 first_failure::Ptr{Float64}, len::Int64)::Int32
    rf_model_neuron_groups(model::Ptr{CModel}, angle::Float64, group::Ptr{Int64},
                           weight::Ptr{Float64}, len::Int64)::Int32

    rf_model_save(model::Ptr{CModel}, buffer::Ptr{Cvoid}, capacity::Int64, size::Ptr{Int64})::Int32
    rf_model_load(buffer::Ptr{Cvoid}, size::Int64, allocator::Ptr{rf_allocator},
                  out::Ptr{Ptr{CModel}}, message::Ptr{UInt8}, message_capacity::Int64)::Int32

    rf_sweep_create(base::Ptr{CModel}, directions::Int64, U::Ptr{Float64}, U_len::Int64,
                    scales::Int64, eps::Ptr{Float64}, out::Ptr{Ptr{CSweep}})::Int32
    rf_sweep_free(sweep::Ptr{CSweep})::Cvoid
    rf_sweep_set_threads(sweep::Ptr{CSweep}, threads::Int32)::Int32
    rf_sweep_set_callback(sweep::Ptr{CSweep}, callback::Ptr{Cvoid}, user::Ptr{Cvoid})::Int32
    rf_sweep_run(sweep::Ptr{CSweep}, t_end::Float64)::Int32
    rf_sweep_run_some(sweep::Ptr{CSweep}, count::Int64, runs::Ptr{Int64}, t_end::Float64,
                      progress::Ptr{Cvoid}, user::Ptr{Cvoid})::Int32
    rf_sweep_count(sweep::Ptr{CSweep})::Int64
    rf_sweep_query(sweep::Ptr{CSweep}, quantity::Int32, out::Ptr{Float64}, len::Int64)::Int32
    rf_sweep_model(sweep::Ptr{CSweep}, run::Int64, out::Ptr{Ptr{CModel}})::Int32
    rf_sweep_save(sweep::Ptr{CSweep}, count::Int64, runs::Ptr{Int64}, buffer::Ptr{Cvoid},
                  capacity::Int64, size::Ptr{Int64})::Int32
    rf_sweep_load(sweep::Ptr{CSweep}, buffer::Ptr{Cvoid}, size::Int64)::Int32

    rf_landscape_create(model::Ptr{CModel}, out::Ptr{Ptr{CLandscape}})::Int32
    rf_landscape_free(landscape::Ptr{CLandscape})::Cvoid
    rf_landscape_count(landscape::Ptr{CLandscape})::Int64
    rf_landscape_point(landscape::Ptr{CLandscape}, i::Int64, out::Ptr{rf_stationary_point})::Int32
end

"""
    CALLBACKS

The functions that the library calls, by the names of function and argument in the header: the
type of the result and those of the arguments.
"""
const CALLBACKS = Dict(
    (:rf_model_set_callback, :callback) => (Int32, (Ptr{CModel}, Ptr{rf_event}, Ptr{Cvoid})),
    (:rf_model_leave_one_out, :progress) => (Int32, (Int64, Int64, Ptr{Cvoid})),
    (:rf_sweep_set_callback, :callback) => (Int32, (Int64, Int64, Ptr{Cvoid})),
    (:rf_sweep_run_some, :progress) => (Int32, (Int64, Int64, Ptr{Cvoid})),
    (:rf_allocator, :allocate) => (Ptr{Cvoid}, (Csize_t, Ptr{Cvoid})),
    (:rf_allocator, :release) => (Cvoid, (Ptr{Cvoid}, Ptr{Cvoid})),
)
