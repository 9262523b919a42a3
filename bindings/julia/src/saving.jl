# saving.jl: models and trajectories as bytes, to be resumed bit for bit.
# SPDX-License-Identifier: MIT

"""
    save(trajectory) -> Vector{UInt8}
    save(file_or_io, trajectory)

The whole trajectory (or [`Model`](@ref)) with data, settings, state and history, as bytes that are
the same on every machine.  Borrowed data are written too.

Errors: [`RfError`](@ref) without memory; what opening and writing a file may throw.
"""
function save(x::Union{Trajectory,Model})
    size = Ref{Int64}(0)
    check(:rf_model_save, rf_model_save(x, C_NULL, 0, size))
    buffer = Vector{UInt8}(undef, size[])
    check(:rf_model_save, rf_model_save(x, buffer, length(buffer), size))
    return buffer
end

save(io::IO, x::Union{Trajectory,Model}) = (write(io, save(x)); nothing)
save(file::AbstractString, x::Union{Trajectory,Model}) = (write(file, save(x)); nothing)

"""
    save(sweep; runs=1:length(sweep)) -> Vector{UInt8}
    save(file_or_io, sweep; runs)

Some runs of a [`Sweep`](@ref) as they stand, by their numbers `k` as in `sweep[k]`, to be put with
[`load!`](@ref) into a sweep of the same model, directions and scales.
"""
function save(s::Sweep; runs = 1:length(s))
    numbers = run_numbers(s, runs)
    size = Ref{Int64}(0)
    check(:rf_sweep_save, rf_sweep_save(s, length(numbers), numbers, C_NULL, 0, size))
    buffer = Vector{UInt8}(undef, size[])
    check(:rf_sweep_save,
          rf_sweep_save(s, length(numbers), numbers, buffer, length(buffer), size))
    return buffer
end

save(io::IO, s::Sweep; options...) = (write(io, save(s; options...)); nothing)
save(file::AbstractString, s::Sweep; options...) = (write(file, save(s; options...)); nothing)

"""
    load!(sweep, bytes), load!(sweep, file), load!(sweep, io) -> sweep

Puts runs that `save(sweep)` wrote in the places of the same runs; the others stay as they are.

Errors: [`RfError`](@ref) with `RF_ERROR_CORRUPT` for bytes that are truncated, altered, or no saved
runs, with `RF_ERROR_ARGUMENT` for runs of another sweep.
"""
function load!(sweep::Sweep, bytes::Vector{UInt8})
    check(:rf_sweep_load, rf_sweep_load(sweep, bytes, length(bytes)))
    return sweep
end

load!(sweep::Sweep, io::IO) = load!(sweep, read(io))
load!(sweep::Sweep, file::AbstractString) = load!(sweep, read(file))

"""
    load(bytes), load(file), load(io) -> Trajectory or Model

What [`save`](@ref) wrote, as a trajectory if it had a start and else as a model.  It answers every
question as the saved one would, and runs on to the same bits.

Errors: [`RfError`](@ref) with `RF_ERROR_CORRUPT` for bytes that are truncated, altered, or no saved
model.
"""
function load(bytes::Vector{UInt8})
    out = Ref{Ptr{CModel}}(C_NULL)
    message = message_buffer()
    status = rf_model_load(bytes, length(bytes), C_NULL, out, message, length(message))
    check(:rf_model_load, status, message_text(message))
    time = Ref{Float64}()
    if rf_model_query(out[], RF_TIME, time, 1) == RF_ERROR_STATE
        return Model(out[], nothing, :unknown, NaN, false, false)
    end
    trajectory = Trajectory(out[], nothing, false)
    # Only a descent has events to tell of but no certificate of its norm.
    no_events = rf_event[]
    trajectory.descends = rf_model_events(trajectory, 0, 0, no_events) == RF_OK &&
        rf_model_norm_certificate(trajectory, Ref{Int32}(), Ref{Float64}()) == RF_ERROR_STATE
    return trajectory
end

load(io::IO) = load(read(io))
load(file::AbstractString) = load(read(file))

# The standard library Serialization, and with it Distributed, would write the address of a handle.
function Serialization.serialize(s::Serialization.AbstractSerializer, x::Union{Trajectory,Model,Sweep})
    Serialization.serialize_type(s, typeof(x))
    Serialization.serialize(s, serial_form(x))
end

serial_form(t::Trajectory) = save(t)
serial_form(m::Model) = (save(m), m.activation, m.slope, m.bias)
serial_form(x::Sweep) = (x.model, x.directions, x.scales, save(x), x.status)

function Serialization.deserialize(s::Serialization.AbstractSerializer, ::Type{Trajectory})
    return load(Serialization.deserialize(s)::Vector{UInt8})::Trajectory
end

function Serialization.deserialize(s::Serialization.AbstractSerializer, ::Type{Model})
    bytes, activation, slope, bias = Serialization.deserialize(s)
    model = load(bytes)::Model
    model.activation, model.slope, model.bias = activation, slope, bias
    return model
end

function Serialization.deserialize(s::Serialization.AbstractSerializer, ::Type{Sweep})
    model, directions, scales, runs, status = Serialization.deserialize(s)
    sweep = load!(Sweep(model, directions, scales), runs)
    sweep.status = status
    return sweep
end
