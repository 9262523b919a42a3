# sweep.jl: the flow from many starts.
# SPDX-License-Identifier: MIT

"""
    Sweep(model, directions, scales; threads=1)

The flow of a model from every start `scale * direction`, not yet begun: move it with
[`integrate!`](@ref).  [`sweep`](@ref) does both.
"""
mutable struct Sweep
    handle::Ptr{CSweep}
    model::Model
    directions::Matrix{Float64}
    scales::Vector{Float64}
    status::Int32
    busy::Bool # the library runs it

    function Sweep(model::Model, directions::AbstractArray{<:Real},
                   scales::Union{Real,AbstractVector{<:Real}}; threads::Integer = 1)
        d, m = dim(model), neurons(model)
        U = direction_matrix(directions, d, m)
        eps = scales isa Real ? [Float64(scales)] : Vector{Float64}(scales)
        out = Ref{Ptr{CSweep}}(C_NULL)
        status = rf_sweep_create(model, size(U, 2), U, length(U), length(eps), eps, out)
        check(:rf_sweep_create, status, status == RF_OK ? "" : start_trouble(U, eps))
        sweep = new(out[], model, U, eps, RF_OK, false)
        finalizer(close, sweep)
        check(:rf_sweep_set_threads, rf_sweep_set_threads(sweep, threads))
        return sweep
    end
end

"""
    copy(sweep)

An independent sweep in the same state, with one thread; the data are shared.
"""
function Base.copy(sweep::Sweep)
    twin = Sweep(sweep.model, sweep.directions, sweep.scales)
    load!(twin, save(sweep))
    twin.status = sweep.status
    return twin
end
Base.deepcopy_internal(sweep::Sweep, seen::IdDict) = get!(() -> copy(sweep), seen, sweep)

# start_trouble(U, scales): which of the starts the library refuses, "" if it is none of them.
function start_trouble(U, scales)
    isempty(U) && return "there is no direction"
    isempty(scales) && return "there is no scale"
    for (values, what) in ((U, "directions"), (scales, "scales")), k in CartesianIndices(values)
        isfinite(values[k]) || return "$what[$(join(Tuple(k), ", "))] is $(values[k]), counted from 1"
    end
    k = findfirst(<(0), scales)
    k === nothing || return "scales[$k] is $(scales[k]), counted from 1: no scale is negative"
    k = findfirst(iszero, collect(eachcol(U)))
    (k === nothing || all(!iszero, scales)) && return ""
    return "direction $k is 0, counted from 1: no direction to vanish along"
end

# One column for each direction: d for one neuron; d*m, or d x m x directions, for m.
function direction_matrix(U::AbstractArray{<:Real}, d, m)
    columns = ndims(U) == 3 ? size(U)[1:2] == (d, m) : ndims(U) <= 2 && size(U, 1) == d * m
    columns || throw(DimensionMismatch(
        "the directions are $(join(size(U), "×")); they have to be $(d * m)×k" *
        (m == 1 ? "" : " or $d×$m×k") * ", one column for each of k directions"))
    return reshape(Array{Float64}(U), d * m, :)
end

function Base.close(sweep::Sweep)
    sweep.busy && busy(sweep)
    rf_sweep_free(sweep.handle)
    sweep.handle = C_NULL
    return nothing
end

Base.isopen(sweep::Sweep) = sweep.handle != C_NULL
Base.cconvert(::Type{Ptr{CSweep}}, sweep::Sweep) = sweep
function Base.unsafe_convert(::Type{Ptr{CSweep}}, sweep::Sweep)
    sweep.handle == C_NULL && closed(sweep)
    return sweep.handle
end

"""
    integrate!(sweep, t=Inf; runs=nothing, progress=nothing) -> sweep

Takes every run to `t`, or only those whose numbers `k` (as in `sweep[k]`) are given.  `progress(done, total)` is called from time to time; if it returns `true` the
sweep stops (`status(sweep) == :stopped`), and another call resumes it.

Errors: [`RfError`](@ref); with `RF_ERROR_NUMERICAL` all runs are done and one or more failed:
`query(sweep, :status)` tells which, and the others can be asked.
"""
function integrate!(sweep::Sweep, t::Real = Inf; runs = nothing, progress = nothing)
    watch = Watch(progress, nothing)
    if runs !== nothing
        numbers = run_numbers(sweep, runs)
        sweep.status = GC.@preserve watch busily(sweep) do
            rf_sweep_run_some(sweep, length(numbers), numbers, t, WATCH_PROGRESS[],
                              pointer_from_objref(watch))
        end
        rethrow_from(watch)
        check(:rf_sweep_run_some, sweep.status)
        return sweep
    end
    GC.@preserve watch begin
        check(:rf_sweep_set_callback,
              rf_sweep_set_callback(sweep, WATCH_PROGRESS[], pointer_from_objref(watch)))
        sweep.status = busily(() -> rf_sweep_run(sweep, t), sweep)
        rf_sweep_set_callback(sweep, C_NULL, C_NULL)
    end
    rethrow_from(watch)
    check(:rf_sweep_run, sweep.status)
    return sweep
end

# run_numbers(sweep, runs): as the library counts them.
function run_numbers(sweep::Sweep, runs)
    numbers = runs isa Integer ? [Int64(runs)] : collect(Int64, runs)
    for k in numbers
        1 <= k <= length(sweep) || throw(BoundsError(sweep, k))
    end
    return numbers .- 1
end

"""
    sweep(model, directions, scales; t=Inf, threads=1, progress=nothing) -> Sweep

The flow from every start `scale * direction` to the time `t`; scale 0 is the exact limit of starts
that shrink to 0.  The results have the same bits for every number of threads.

Shapes: `directions` d × k, one column for each (for m neurons d·m × k or d × m × k); `scales` one
number or a vector.  A sweep has the size (scales, k): `query(s, q)` gives an array with these two last
dimensions, `s[scale, direction]` is one run as a [`Trajectory`](@ref).

Errors: `DimensionMismatch`; [`RfError`](@ref) for a negative scale, a zero direction where a scale is
0, NaN or infinity, and as [`integrate!`](@ref).
Source: docs/mathematics.md 4.2.
"""
function sweep(model::Model, directions::AbstractArray{<:Real},
               scales::Union{Real,AbstractVector{<:Real}}; t::Real = Inf, threads::Integer = 1,
               progress = nothing)
    return integrate!(Sweep(model, directions, scales; threads = threads), t; progress = progress)
end

Base.size(s::Sweep) = (length(s.scales), size(s.directions, 2))
Base.size(s::Sweep, i::Integer) = i <= 2 ? size(s)[i] : 1
Base.length(s::Sweep) = prod(size(s))
status(s::Sweep) = status_symbol(s.status)

"""
    query(sweep, quantity)

A quantity of every run as it stands: its dimensions, then (scales, directions).  NaN for a run that
was not begun or whose start failed.
"""
function query(s::Sweep, q::Symbol)
    number, kind = quantity(q)
    dims = (quantity_dims(kind, shape(s.model)...)..., size(s)...)
    out = Array{Float64}(undef, dims)
    check(:rf_sweep_query, rf_sweep_query(s, number, out, length(out)))
    return out
end

"""
    sweep[scale, direction] -> Trajectory
    sweep[k]

One run as a trajectory of its own, which may outlive the sweep; indices count from 1.
"""
function Base.getindex(s::Sweep, scale::Integer, direction::Integer)
    scales, directions = size(s)
    1 <= scale <= scales && 1 <= direction <= directions ||
        throw(BoundsError(s, (scale, direction)))
    out = Ref{Ptr{CModel}}(C_NULL)
    check(:rf_sweep_model, rf_sweep_model(s, (direction - 1) * scales + scale - 1, out))
    return Trajectory(out[], s.model, false)
end

function Base.getindex(s::Sweep, k::Integer)
    1 <= k <= length(s) || throw(BoundsError(s, k))
    return s[Tuple(CartesianIndices(size(s))[k])...]
end

Base.iterate(s::Sweep, k::Int = 1) = k > length(s) ? nothing : (s[k], k + 1)
Base.eltype(::Type{Sweep}) = Trajectory
