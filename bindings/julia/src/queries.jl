# queries.jl: the questions that a trajectory answers.
# SPDX-License-Identifier: MIT

const QUANTITY_TABLE = """
| quantity | shape | what |
|:--- |:--- |:--- |
| `:time` | | t; `Inf` at the limit |
| `:weights`, `:velocity`, `:gradient` | d | w(t), w'(t), ∇L(w) |
| `:loss`, `:gradient_norm`, `:weight_norm` | | L(w), ‖∇L‖, ‖w‖ |
| `:norm_rate` | | w · w' = ½ d‖w‖²/dt |
| `:margins`, `:pattern` | n | x_i · w; 1 active, 0 inactive, between while sliding |
| `:outputs`, `:residuals` | n | f(x_i), f(x_i) - y_i |
| `:coefficients`, `:multipliers` | n | α with w(t) = w(0) + Σ α_i x_i; u while sliding |
| `:deactivations`, `:reactivations` | n | how often |
| `:first_active`, `:last_active` | n | times; `NaN` if never |
| `:path_length` | | of w from 0 to t |
| `:least_norm` | d | the shortest weight with the same outputs on the active data |
| `:rates` | d | the decay rates of the present segment, descending |
| `:converged`, `:flags`, `:status`, `:inner_ending` | | numbers as in the header |

For m neurons, d becomes d × m, and n becomes n × m except for outputs and residuals."""

function shaped(out::Vector{Float64}, kind::Symbol, dims::Tuple)
    return kind === :whole ? out[1] : reshape(out, dims)
end

"""
    query(trajectory, quantity)

A quantity at the present time, with the recorded pattern.

$QUANTITY_TABLE

Units: time 1/(c x²), weights y/x, loss c y².
Errors: `ArgumentError` for another quantity; [`RfError`](@ref) if the history that it needs is off.
Source: docs/mathematics.md 1, 3, 4.
"""
function query(trajectory::Union{Trajectory,Model}, q::Symbol)
    number, kind = quantity(q)
    dims = quantity_dims(kind, shape(trajectory)...)
    out = Vector{Float64}(undef, prod(dims))
    check(:rf_model_query, rf_model_query(trajectory, number, out, length(out)))
    return shaped(out, kind, dims)
end

"""
    at(trajectory, t, quantity=:weights)
    trajectory(t)

A quantity (see [`query`](@ref)) at any time from 0 to the present one; once the limit is reached, at
every time, `Inf` included.  At an event it is the right limit.

Shapes: with a number `t` those of [`query`](@ref); with a vector of times one dimension more, the
last, for the times: weights at k times are d × k, the loss is a vector of k.  All times are answered
in one pass over the history.

Errors: [`RfError`](@ref) for a time out of range or NaN, or a history that is off.
Source: docs/mathematics.md 1, 3, 4.
"""
function at(trajectory::Trajectory, t::Real, q::Symbol = :weights)
    number, kind = quantity(q)
    dims = quantity_dims(kind, shape(trajectory)...)
    out = Vector{Float64}(undef, prod(dims))
    check(:rf_model_query_at, rf_model_query_at(trajectory, t, number, out, length(out)),
          out_of_range(trajectory, t, q))
    return shaped(out, kind, dims)
end

function at(trajectory::Trajectory, times::AbstractVector{<:Real}, q::Symbol = :weights)
    number, kind = quantity(q)
    dims = (quantity_dims(kind, shape(trajectory)...)..., length(times))
    out = Vector{Float64}(undef, prod(dims))
    if !isempty(times)
        check(:rf_model_sample,
              rf_model_sample(trajectory, length(times), numbers(times), number, out, length(out)),
              out_of_range(trajectory, times, q))
    end
    return reshape(out, dims)
end

(trajectory::Trajectory)(t) = at(trajectory, t)

# What a time out of range is told; "" leaves it to the library.
function out_of_range(trajectory, times, q)
    any(t -> isnan(t), times) && return "a time is NaN"
    query(trajectory, :converged) == 1 && all(t -> t >= 0, times) && return ""
    now = query(trajectory, :time)
    all(t -> 0 <= t <= now, times) && return ""
    return "a time is outside [0, $now], what this trajectory has of the flow"
end

"""
    weights(trajectory)

The weight now: d numbers, d × m for several neurons.  At another time: [`at`](@ref).
"""
weights(trajectory::Trajectory) = query(trajectory, :weights)

"""
    loss(trajectory)
    loss(trajectory, t)

The loss now, at a time, or at a vector of times.  Unit: c y².
"""
loss(trajectory::Trajectory) = query(trajectory, :loss)
loss(trajectory::Trajectory, t) = at(trajectory, t, :loss)

"""
    limit(trajectory)

The limit w(∞) of the flow: d numbers, d × m for several neurons.

Errors: `ArgumentError` if the trajectory has not reached a certified limit: it ended before, or
descends.
"""
function limit(trajectory::Trajectory)
    isconverged(trajectory) && return query(trajectory, :weights)
    throw(ArgumentError("this trajectory stands at t = $(query(trajectory, :time)) with status " *
                        ":$(status(trajectory)), not at a limit; " *
                        (trajectory.descends ? "weights(trajectory) has its present weight" :
                         "integrate!(trajectory) takes it there")))
end

"""
    events(trajectory) -> Vector{Event}

All events so far, in the order in which they happened; those of one instant have equal times.
Errors: [`RfError`](@ref) if the history is off.  Source: docs/mathematics.md 2, 3.
"""
function events(trajectory::Trajectory)
    raw = Vector{rf_event}(undef, rf_model_event_count(trajectory))
    check(:rf_model_events, rf_model_events(trajectory, 0, length(raw), raw))
    return map(Event, raw)
end

"""
    pattern(trajectory) -> Array{UInt8}

The activation pattern now: 0 inactive, 1 active, 2 sliding.  n numbers, n × m for several neurons.
Source: docs/mathematics.md 0, 3.
"""
function pattern(trajectory::Trajectory)
    dims = quantity_dims(:pair, shape(trajectory)...)
    out = Vector{UInt8}(undef, prod(dims))
    check(:rf_model_pattern, rf_model_pattern(trajectory, out, length(out)))
    return reshape(out, dims)
end

const SUPPORTS = Dict(:active => RF_SUPPORT_ACTIVE, :trajectory => RF_SUPPORT_TRAJECTORY,
                      :boundary => RF_SUPPORT_BOUNDARY)

"""
    support(trajectory, kind=:active)

The support vectors, ascending: rows of `X`, from 1.  For several neurons, `CartesianIndex(datum,
neuron)`; both index [`coefficients`](@ref).

- `:active`: active now; at the limit, those that determine it
- `:trajectory`: active or sliding at some time from 0 to now
- `:boundary`: on the kink now, sliding or at rest

Errors: `ArgumentError` for another kind; [`RfError`](@ref) if the history it needs is off.
Source: docs/mathematics.md 4.1.
"""
function support(trajectory::Trajectory, kind::Symbol = :active)
    haskey(SUPPORTS, kind) ||
        throw(ArgumentError("no support :$kind; there are :active, :trajectory, :boundary"))
    n, d, m = shape(trajectory)
    indices = Vector{Int64}(undef, n * m)
    count = Ref{Int64}(0)
    check(:rf_model_support,
          rf_model_support(trajectory, SUPPORTS[kind], indices, length(indices), count))
    resize!(indices, count[])
    indices .+= 1
    return m == 1 ? indices : CartesianIndices((n, m))[indices]
end

"""
    coefficients(trajectory)

α with w(t) = w(0) + Σ_i α_i x_i now: n numbers, n × m for several neurons.  At the limit an α_i whose
derivative does not tend to 0 is ±Inf; then only the sum converges.
Errors: [`RfError`](@ref) if the history is off.  Source: docs/mathematics.md 4.1.
"""
coefficients(trajectory::Trajectory) = query(trajectory, :coefficients)

"""
    Certificate

What is certain about a trajectory; see [`certificate`](@ref).
"""
struct Certificate
    converged::Bool
    time::Float64
    ambiguous::Bool
    doubtful::Bool
    inner::Symbol
    strictly_increasing::Union{Bool,Missing}
    first_failure::Union{Float64,Missing}
end

const INNER_ENDINGS = Dict(RF_INNER_NONE => :none, RF_INNER_ESCAPE => :escape,
                           RF_INNER_DEAD => :dead, RF_INNER_COLLAPSE => :collapse,
                           RF_INNER_FROZEN => :frozen)

"""
    certificate(trajectory) -> Certificate

- `converged`: w is the limit w(∞), and it is proved that no event comes any more
- `time`: the present time; `Inf` at the limit
- `ambiguous`: somewhere the solution was not unique, and the documented choice was made
- `doubtful`: some decision was closer to a tie than rounding can tell
- `inner`: how the inner flow of a vanishing start ended: `:none` (no such start), `:escape`, `:dead`,
  `:collapse`, `:frozen`
- `strictly_increasing`: whether ‖w‖ strictly increases from t = 0⁺ to now, by a certified count of
  the zeros of w · w'; `missing` for descent and without a history
- `first_failure`: the first time from which ‖w‖ decreases; `NaN` if it never does

Source: docs/mathematics.md 2, 3, 4.2, 4.3.
"""
function certificate(trajectory::Trajectory)
    increasing, failure = Ref{Int32}(0), Ref{Float64}(NaN)
    status = rf_model_norm_certificate(trajectory, increasing, failure)
    known = status != RF_ERROR_STATE
    known && check(:rf_model_norm_certificate, status)
    flags = Int(query(trajectory, :flags))
    ending = Int32(query(trajectory, :inner_ending))
    return Certificate(isconverged(trajectory), query(trajectory, :time),
                       flags & RF_FLAG_AMBIGUOUS != 0, flags & RF_FLAG_DOUBTFUL != 0,
                       get(INNER_ENDINGS, ending, Symbol("ending ", ending)),
                       known ? increasing[] != 0 : missing, known ? failure[] : missing)
end

"""
    neuron_certificates(trajectory)

For every neuron a pair `(strictly_increasing, first_failure)`: whether ‖w_j‖ strictly increases from
t = 0⁺ to now, and the first time from which it decreases, `NaN` if it never does.  A neuron that rests
at some time does not increase throughout.

Errors: [`RfError`](@ref) for descent and without a history.  Source: docs/mathematics.md 4.3, 7.
"""
function neuron_certificates(trajectory::Trajectory)
    m = neurons(trajectory)
    increasing, failure = Vector{Int32}(undef, m), Vector{Float64}(undef, m)
    check(:rf_model_neuron_certificates,
          rf_model_neuron_certificates(trajectory, increasing, failure, m))
    return [(strictly_increasing = increasing[j] != 0, first_failure = failure[j]) for j = 1:m]
end

"""
    neuron_groups(trajectory; angle=1e-6)

Which neurons have the same direction now: for every neuron a pair `(group, weight)`, the lowest number
of a neuron in its group (0 where w_j = 0) and the sum of a_k ‖w_k‖ over the group.  Neurons that differ
by at most `angle` (radians) are in one group, and so are those that a chain of such neurons joins.

Errors: [`RfError`](@ref) for an angle outside [0, π].  Source: docs/mathematics.md 7.
"""
function neuron_groups(trajectory::Trajectory; angle::Real = 1e-6)
    m = neurons(trajectory)
    group, weight = Vector{Int64}(undef, m), Vector{Float64}(undef, m)
    check(:rf_model_neuron_groups, rf_model_neuron_groups(trajectory, angle, group, weight, m))
    return [(group = Int(group[j] + 1), weight = weight[j]) for j = 1:m]
end

"""
    leave_one_out(trajectory, data=1:n; progress=nothing)

Which data matter: the limit w(∞) from the same start without each of the given data.  A datum that
never acts costs nothing: its column is the limit itself.

Shapes: one column of d for each of `data` (row numbers of `X`, from 1, in any order): d × length;
for several neurons d × m × length.
`progress(done, total)` is called after every column; if it returns `true` the rest stays NaN.
Errors: [`RfError`](@ref) for a datum out of range; `RF_ERROR_NUMERICAL`.
Source: docs/mathematics.md 4.1.
"""
function leave_one_out(trajectory::Trajectory, data = 1:ndata(trajectory); progress = nothing)
    n, d, m = shape(trajectory)
    rows = data isa Integer ? [Int64(data)] : collect(Int64, data)
    for i in rows
        1 <= i <= n || throw(BoundsError(1:n, i))
    end
    out = Array{Float64}(undef, quantity_dims(:weight, n, d, m)..., length(rows))
    isempty(rows) && return out
    watch = Watch(progress, nothing)
    status = GC.@preserve watch busily(trajectory) do
        rf_model_leave_one_out(trajectory, length(rows), rows .- 1, out, length(out),
                               WATCH_PROGRESS[], pointer_from_objref(watch))
    end
    rethrow_from(watch)
    check(:rf_model_leave_one_out, status)
    return out
end

# The questions without an argument, as properties.
const PROPERTIES = (limit = limit, weights = weights, loss = loss, events = events, pattern = pattern,
                    support = support, coefficients = coefficients, certificate = certificate,
                    status = status)

function Base.getproperty(trajectory::Trajectory, name::Symbol)
    haskey(PROPERTIES, name) && return PROPERTIES[name](trajectory)
    return getfield(trajectory, name)
end

Base.propertynames(::Trajectory, private::Bool = false) =
    private ? (keys(PROPERTIES)..., fieldnames(Trajectory)...) : keys(PROPERTIES)
