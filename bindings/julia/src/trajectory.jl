# trajectory.jl: runs, and what can be asked of them.
# SPDX-License-Identifier: MIT

"""
    Trajectory

One run of the gradient flow (or of gradient descent) from one start, with its history.  Made by
[`flow`](@ref), [`gd`](@ref), [`start`](@ref), [`load`](@ref), or by indexing a [`Sweep`](@ref).

Questions: [`limit`](@ref), [`weights`](@ref), [`loss`](@ref), [`at`](@ref) at any time,
[`query`](@ref), [`events`](@ref), [`support`](@ref), [`coefficients`](@ref), [`pattern`](@ref),
[`certificate`](@ref), [`leave_one_out`](@ref), [`status`](@ref).  Those that need no argument may be
written as properties too: `run.limit`, `run.events`.
Further: [`integrate!`](@ref), [`advance!`](@ref), [`step!`](@ref), [`save`](@ref), `copy`, `close`.
"""
mutable struct Trajectory
    handle::Ptr{CModel}
    model::Union{Model,Nothing} # what it was made from: keeps borrowed data alive
    descends::Bool
    busy::Bool                  # the library runs it

    function Trajectory(handle::Ptr{CModel}, model, descends)
        trajectory = new(handle, model, descends, false)
        finalizer(close, trajectory)
        return trajectory
    end
end

# busily(run, object): runs with an object that must not be closed meanwhile.
function busily(run, object)
    before, object.busy = object.busy, true
    try
        return run()
    finally
        object.busy = before
    end
end

@noinline busy(object) = throw(ArgumentError(
    "this $(nameof(typeof(object))) is running, and cannot be closed before it returns"))

function Base.close(trajectory::Trajectory)
    trajectory.busy && busy(trajectory)
    rf_model_free(trajectory.handle)
    trajectory.handle = C_NULL
    return nothing
end

Base.isopen(trajectory::Trajectory) = trajectory.handle != C_NULL
Base.cconvert(::Type{Ptr{CModel}}, trajectory::Trajectory) = trajectory
function Base.unsafe_convert(::Type{Ptr{CModel}}, trajectory::Trajectory)
    trajectory.handle == C_NULL && closed(trajectory)
    return trajectory.handle
end

"""
    copy(trajectory)

An independent trajectory in the same state; the data are shared.
"""
Base.copy(t::Trajectory) = Trajectory(clone(t), t.model, t.descends)
# A copy field by field would share the handle, which one of them frees.
Base.deepcopy_internal(t::Trajectory, seen::IdDict) = get!(() -> copy(t), seen, t)

"""
    start(model, w0) -> Trajectory
    start(model; direction, scale=0) -> Trajectory

A trajectory at t = 0, at the weight `w0` or `scale * direction`, to be moved with
[`integrate!`](@ref), [`advance!`](@ref) or [`step!`](@ref).  Scale 0 is the exact limit of starts
that shrink to 0 along the direction: its events before t = 0⁺ are the first of the record.

Shapes: `w0` and `direction` d numbers for one neuron, d × m (or d·m numbers) for m.
Errors: `DimensionMismatch` for another shape; [`RfError`](@ref) for NaN or infinity, `scale < 0`, or
no direction (all 0) with scale 0.
Source: docs/mathematics.md 1, 3, 4.2.
"""
function start(model::Model, w0::AbstractArray{<:Real})
    trajectory = Trajectory(clone(model), model, false)
    v = weight_vector("w0", w0, dim(model), neurons(model))
    check(:rf_model_init, rf_model_init(trajectory, v, length(v)), trajectory)
    return trajectory
end

function start(model::Model; direction::AbstractArray{<:Real}, scale::Real = 0)
    trajectory = Trajectory(clone(model), model, false)
    v = weight_vector("direction", direction, dim(model), neurons(model))
    check(:rf_model_init_direction, rf_model_init_direction(trajectory, v, length(v), scale),
          trajectory)
    return trajectory
end

# records(trajectory): whether it keeps its history.
records(trajectory) = rf_model_events(trajectory, 0, 0, C_NULL) == RF_OK

# watched(run, call, trajectory, watcher): runs with a function that is told of every event.
function watched(run, call::Symbol, trajectory::Trajectory, watcher)
    watch = Watch(watcher, trajectory)
    GC.@preserve watch begin
        check(:rf_model_set_callback,
              rf_model_set_callback(trajectory, WATCH_EVENT[], pointer_from_objref(watch)),
              trajectory)
        status = busily(run, trajectory)
        text = status < 0 ? unsafe_string(rf_model_error(trajectory)) : ""
        rf_model_set_callback(trajectory, C_NULL, C_NULL)
    end
    rethrow_from(watch)
    return check(call, status, text)
end

"""
    integrate!(trajectory, t=Inf; callback=nothing) -> trajectory

Follows the exact flow from the present time to `t`; `Inf` is the certified limit.  After every event
`callback(trajectory, event)` is called with the trajectory in its state after it (it may be asked,
not moved); if it returns `true` the run ends there with `status(trajectory) == :stopped`, to be
resumed by another call.  Ctrl-C is noticed at the next event; the trajectory stays usable.

Errors: [`RfError`](@ref) if `t` lies before the present time or is NaN, or this trajectory descends;
with `RF_ERROR_NUMERICAL` it stands at its last completed event.
Source: docs/mathematics.md 1, 2, 3.
"""
function integrate!(trajectory::Trajectory, t::Real = Inf; callback = nothing)
    watched(() -> rf_model_integrate(trajectory, t), :rf_model_integrate, trajectory, callback)
    return trajectory
end

"""
    advance!(trajectory, t=Inf) -> Event or nothing

Follows the exact flow to its next event, or to `t` if that comes first; then the result is `nothing`,
and also at the event limit (`status(trajectory)` tells).  The events of one instant are handed out
one at a time.

Errors: as [`integrate!`](@ref).  Source: docs/mathematics.md 2.
"""
function advance!(trajectory::Trajectory, t::Real = Inf)
    event = Ref{rf_event}()
    status = check(:rf_model_advance, rf_model_advance(trajectory, t, event), trajectory)
    return status == RF_OK ? Event(event[]) : nothing
end

"""
    step!(trajectory, eta, steps=1; callback=nothing) -> trajectory

Gradient descent: `steps` steps of size `eta`.  Steps between changes of the pattern are taken at
once, in closed form, so 10^9 of them are as good as 10.  A trajectory steps or integrates, not both.

Units: `eta` is a time.
A descent that meets an event at every step keeps them all: make its model with `recording = false`.
Errors: [`RfError`](@ref) with `RF_ERROR_MEMORY` where the events outgrow the free memory; if `eta <= 0`, `steps < 0`, the trajectory integrates or was started with
scale 0; `RF_ERROR_NUMERICAL` where the iterates overflow.
Source: docs/mathematics.md 5.
"""
function step!(trajectory::Trajectory, eta::Real, steps::Integer = 1; callback = nothing)
    watched(() -> rf_model_step(trajectory, eta, steps), :rf_model_step, trajectory, callback)
    trajectory.descends = true
    return trajectory
end

"""
    flow(model, w0; t=Inf, callback=nothing) -> Trajectory
    flow(model; direction, scale=0, t=Inf, callback=nothing) -> Trajectory

The exact gradient flow w' = -∇L(w) from `w0`, or from `scale * direction`, to the time `t`; `Inf` is
the certified limit w(∞).  With `scale = 0` the start is the exact limit of starts that shrink to 0.

The arguments are those of [`start`](@ref) and [`integrate!`](@ref), the errors too.

```julia
using ReluFlow
model = Model([1 1; 1 0; 0 1], [9, 11, -11])
run = flow(model, [4, 2])
limit(run)                      # [11.0, -2.0]
loss(run, 0:0.5:2)              # the loss at five times
```
"""
function flow(model::Model, w0::AbstractArray{<:Real}; t::Real = Inf, callback = nothing)
    return integrate!(start(model, w0), t; callback = callback)
end

function flow(model::Model; direction::AbstractArray{<:Real}, scale::Real = 0, t::Real = Inf,
              callback = nothing)
    return integrate!(start(model; direction = direction, scale = scale), t; callback = callback)
end

"""
    gd(model, w0; eta, steps, callback=nothing) -> Trajectory

Gradient descent from `w0`: `steps` steps of size `eta`.  See [`step!`](@ref).
"""
function gd(model::Model, w0::AbstractArray{<:Real}; eta::Real, steps::Integer, callback = nothing)
    return step!(start(model, w0), eta, steps; callback = callback)
end

"""
    status(trajectory) -> Symbol

How the last run ended: `:ok`, `:stopped` by the callback, `:event_limit`, `:no_event`, or the name of
an error such as `:numerical`.  Of a [`Sweep`](@ref), that of its last run.
"""
status(trajectory::Trajectory) = status_symbol(Int32(query(trajectory, :status)))

"""
    isconverged(trajectory) -> Bool

Whether the limit w(∞) was reached and certified: no event comes any more.
"""
isconverged(trajectory::Trajectory) = query(trajectory, :converged) == 1
