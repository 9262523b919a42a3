# events.jl: what happens along a run, counted from 1.
# SPDX-License-Identifier: MIT

"""
    EventKind

`DEACTIVATE` (active → inactive), `ACTIVATE`, `SLIDE_ENTER` (the flow starts to slide along the kink
x_i · w = 0), `SLIDE_EXIT_ACTIVE`, `SLIDE_EXIT_INACTIVE`, `ORIGIN` (w = 0 was reached), `ORIGIN_EXIT`
(a neuron that was held at 0 leaves it).  Written `ReluFlow.ACTIVATE`.
"""
@enum EventKind::Int32 begin
    DEACTIVATE = RF_EVENT_DEACTIVATE
    ACTIVATE = RF_EVENT_ACTIVATE
    SLIDE_ENTER = RF_EVENT_SLIDE_ENTER
    SLIDE_EXIT_ACTIVE = RF_EVENT_SLIDE_EXIT_ACTIVE
    SLIDE_EXIT_INACTIVE = RF_EVENT_SLIDE_EXIT_INACTIVE
    ORIGIN = RF_EVENT_ORIGIN
    ORIGIN_EXIT = RF_EVENT_ORIGIN_EXIT
end

"""
    Event

One event of a run.

- `time::Float64`: when; for an inner event of a vanishing start the inner time t/scale
- `datum::Int`: the row of `X`, from 1; 0 for `ORIGIN` and `ORIGIN_EXIT`
- `neuron::Int`: which neuron, from 1
- `kind::EventKind`: see [`ReluFlow.EventKind`](@ref)
- `ambiguous::Bool`: other solutions of the flow may leave here; the documented choice was made
- `doubtful::Bool`: closer to a tie than rounding can tell
- `inner::Bool`: before t = 0⁺, in the inner flow of a vanishing start

Source: docs/mathematics.md 2, 3.
"""
struct Event
    time::Float64
    datum::Int
    neuron::Int
    kind::EventKind
    ambiguous::Bool
    doubtful::Bool
    inner::Bool
end

@noinline function unknown(what, number)
    error("ReluFlow: the library ($(library_version())) reports $what $number, which this module " *
          "($BINDING_VERSION) does not know.  Use the module that comes with the library.")
end

function known(::Type{E}, what, number) where {E<:Enum}
    for kind in instances(E)
        Integer(kind) == number && return kind
    end
    return unknown(what, number)
end

function Event(e::rf_event)
    flag(bit) = e.flags & bit != 0
    return Event(e.time, e.datum + 1, e.neuron + 1, known(EventKind, "an event of kind", e.kind),
                 flag(RF_FLAG_AMBIGUOUS), flag(RF_FLAG_DOUBTFUL), flag(RF_FLAG_INNER))
end

# The functions that the library calls.  An exception must not pass through C: it is kept, the run
# is stopped, and it is thrown again when the library has returned.
mutable struct Watch
    watcher::Any                # a function, or nothing
    subject::Any                # what it is told of, beside the event
    exception::Any
    count::Int                  # of the events so far

    Watch(watcher, subject) = new(watcher, subject, nothing, 0)
end

function watch_event(::Ptr{CModel}, event::Ptr{rf_event}, user::Ptr{Cvoid})::Int32
    watch = unsafe_pointer_to_objref(user)::Watch
    try
        # Here a Ctrl-C that came while the library computed is noticed.
        GC.safepoint()
        watch.count += 1
        check_history(watch.subject, watch.count)
        watch.watcher === nothing && return Int32(0)
        return Int32(watch.watcher(watch.subject, Event(unsafe_load(event))) === true)
    catch e
        watch.exception = e
        return Int32(1)
    end
end

function watch_progress(done::Int64, total::Int64, user::Ptr{Cvoid})::Int32
    watch = unsafe_pointer_to_objref(user)::Watch
    try
        GC.safepoint()
        watch.watcher === nothing && return Int32(0)
        return Int32(watch.watcher(Int(done), Int(total)) === true)
    catch e
        watch.exception = e
        return Int32(1)
    end
end

# Made when the module is loaded: their addresses are not to be kept in a precompiled file.
const WATCH_EVENT = Ref{Ptr{Cvoid}}(C_NULL)
const WATCH_PROGRESS = Ref{Ptr{Cvoid}}(C_NULL)

function make_callbacks()
    WATCH_EVENT[] = @cfunction(watch_event, Int32, (Ptr{CModel}, Ptr{rf_event}, Ptr{Cvoid}))
    WATCH_PROGRESS[] = @cfunction(watch_progress, Int32, (Int64, Int64, Ptr{Cvoid}))
end

rethrow_from(watch::Watch) = watch.exception === nothing ? nothing : throw(watch.exception)
