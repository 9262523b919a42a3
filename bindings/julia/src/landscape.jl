# landscape.jl: all stationary points of the loss in the plane.
# SPDX-License-Identifier: MIT

"""
    PointKind

`INTERIOR_MINIMUM`, `FLAT_MINIMUM` (w + s direction for s in range), `KINK_MINIMUM`, `KINK_SADDLE`,
`ZERO_LABEL_MINIMUM`, `KINK_RAY` (from w along direction), `DEAD_CONE` (between the unit rays w and
direction), `POINT_ORIGIN`.  Written `ReluFlow.KINK_SADDLE`.
"""
@enum PointKind::Int32 begin
    INTERIOR_MINIMUM = RF_POINT_INTERIOR_MINIMUM
    FLAT_MINIMUM = RF_POINT_FLAT_MINIMUM
    KINK_MINIMUM = RF_POINT_KINK_MINIMUM
    KINK_SADDLE = RF_POINT_KINK_SADDLE
    ZERO_LABEL_MINIMUM = RF_POINT_ZERO_LABEL_MINIMUM
    KINK_RAY = RF_POINT_KINK_RAY
    DEAD_CONE = RF_POINT_DEAD_CONE
    POINT_ORIGIN = RF_POINT_ORIGIN
end

"""
    StationaryPoint

One stationary point of the loss, or a line, ray or cone of them.

- `kind::PointKind`: see [`ReluFlow.PointKind`](@ref)
- `w`, `direction`, `range`: pairs of numbers; what a kind does not use is 0
- `datum::Int`: the row of `X` on whose kink it lies, from 1, or 0
- `loss::Float64`: L(w)
- `theta::Float64`: the fraction of the active side of that datum, in [0, 1]
- `doubtful::Bool`: closer to a tie than rounding can tell
- `stationary::Bool`: whether 0 is in Clarke's subdifferential; `false` only for an origin where it
  is not
"""
struct StationaryPoint
    kind::PointKind
    w::NTuple{2,Float64}
    direction::NTuple{2,Float64}
    range::NTuple{2,Float64}
    datum::Int
    loss::Float64
    theta::Float64
    doubtful::Bool
    stationary::Bool
end

function StationaryPoint(p::rf_stationary_point)
    kind = known(PointKind, "a point of kind", p.kind)
    return StationaryPoint(kind, p.w, p.direction, p.range, p.datum + 1, p.loss, p.theta,
                           p.flags & RF_FLAG_DOUBTFUL != 0,
                           kind != POINT_ORIGIN || p.flags & 1 != 0)
end

"""
    landscape(model) -> Vector{StationaryPoint}

Every stationary point of the loss for d = 2: the origin first, the others counterclockwise from the
positive first axis.  The limit of every trajectory is one of them.  Time O(n log n).

Errors: [`RfError`](@ref) if d is not 2 or there are several neurons; `RF_ERROR_NUMERICAL`.
Source: docs/mathematics.md 4.4.
"""
function landscape(model::Model)
    out = Ref{Ptr{CLandscape}}(C_NULL)
    status = rf_landscape_create(model, out)
    check(:rf_landscape_create, status,
          status == RF_ERROR_SIZE ? "landscapes are for d = 2, and this model has d = $(dim(model))" :
          status == RF_ERROR_STATE ? "landscapes are for one neuron" : "")
    try
        point = Ref{rf_stationary_point}()
        return map(0:rf_landscape_count(out[])-1) do i
            check(:rf_landscape_point, rf_landscape_point(out[], i, point))
            StationaryPoint(point[])
        end
    finally
        rf_landscape_free(out[])
    end
end
