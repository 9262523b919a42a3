# model.jl: a problem, that is the data and what kind of neuron sees them.
# SPDX-License-Identifier: MIT

const ACTIVATIONS = Dict(:relu => RF_RELU, :leaky_relu => RF_LEAKY_RELU, :linear => RF_LINEAR)

"""
    Model(X, y; bias=false, weights=nothing, activation=:relu, slope=0, outer_weights=nothing,
          threads=1, event_limit=0, recording=true, borrow=false)

The problem of fitting `y` by neurons on the data `X`: the loss

    L(w) = 1/2 Σ_i c_i (f(x_i) - y_i)²,     f(x) = Σ_j a_j σ(x · w_j),     one neuron: f(x) = σ(x · w).

# Arguments
- `X`: n × d, one datum per row; any matrix of real numbers (a vector is n data of dimension 1).  A matrix of `Float64` with strides
  (a `Matrix`, a view, their transpose) is read where it lies and not copied on the way.
- `y`: n labels.
- `bias`: append a column of 1 to `X`; the last of the `d + 1` weights is the bias.
- `weights`: n numbers `c_i > 0`, by default all 1; `fill(1/n, n)` gives the mean loss.
- `activation`: `:relu`, `:leaky_relu` (with `0 <= slope < 1` for z < 0) or `:linear`.
- `outer_weights`: m numbers `a_j ≠ 0` for m ReLU neurons, which stay fixed.
- `threads`: how many threads the kernels of one run may use; results do not depend on it.
- `event_limit`: the most events of one run, after which it ends with `status == :event_limit`.
- `recording`: keep the history; without it only the present state of a run can be asked for.
- `borrow`: use the memory of `X` and `y` in place, where the library can: `y` a `Vector{Float64}`,
  `X` stored row by row, such as `transpose(A)` or `A'` of a d × n `Matrix{Float64}`.  The arrays are
  kept alive, and must not be changed while the model or a trajectory of it lives.  What cannot be
  used in place is copied; `isborrowed(model)` says whether `X` was.

# Units
Time has the unit of 1/(c x²), weights that of y/x, the loss that of c y².

# Errors
[`RfError`](@ref) for NaN, infinity, an empty `X`, a weight or slope out of range;
`DimensionMismatch` if `y` has not n elements; `ArgumentError` for an unknown activation.

A model is never changed by a run: [`flow`](@ref), [`gd`](@ref) and [`sweep`](@ref) take copies that
share the data.  Its memory is freed with the object, or at once by `close(model)`.

Source: docs/mathematics.md 0, 7.
"""
mutable struct Model
    handle::Ptr{CModel}
    roots::Any                  # what the library reads in place, kept alive
    activation::Symbol          # :unknown for a loaded model
    slope::Float64
    bias::Bool
    borrowed::Bool

    function Model(handle::Ptr{CModel}, roots, activation, slope, bias, borrowed)
        model = new(handle, roots, activation, slope, bias, borrowed)
        finalizer(close, model)
        return model
    end
end

function Model(X::AbstractMatrix{<:Real}, y::AbstractVector{<:Real}; bias::Bool = false,
               weights::Union{Nothing,AbstractVector{<:Real}} = nothing,
               activation::Symbol = :relu, slope::Real = 0.0,
               outer_weights::Union{Nothing,Real,AbstractVector{<:Real}} = nothing,
               threads::Integer = 1, event_limit::Integer = 0, recording::Bool = true,
               borrow::Bool = false)
    n = size(X, 1)
    length(y) == n || throw(DimensionMismatch("X has $n rows, but y has $(length(y)) elements"))
    haskey(ACTIVATIONS, activation) ||
        throw(ArgumentError("no activation :$activation; there are :relu, :leaky_relu, :linear"))
    # The column of ones makes a copy of our own, which need not be copied once more.
    in_place = borrow || bias
    memory, row_stride, col_stride = in_memory(bias ? with_ones(X) : X)
    labels = borrow ? numbers(y) : Vector{Float64}(y)
    count_bytes(n, size(X, 2) + bias, 1)
    handle = create(n, size(X, 2) + bias, memory, row_stride, col_stride, labels, in_place)
    usable = col_stride == 1 && row_stride >= size(X, 2) + bias
    model = Model(handle, in_place ? (memory, labels) : nothing, activation, Float64(slope), bias,
                  borrow && !bias && usable)
    set(name, status) = check(name, status, model)
    set(:rf_model_set_activation,
        rf_model_set_activation(model, ACTIVATIONS[activation], slope))
    if outer_weights !== nothing
        a = outer_weights isa Real ? [Float64(outer_weights)] : numbers(outer_weights)
        set(:rf_model_set_outer_weights,
            rf_model_set_outer_weights(model, length(a), a, length(a)))
    end
    if weights !== nothing
        set(:rf_model_set_data_weights,
            rf_model_set_data_weights(model, numbers(weights), length(weights)))
    end
    set(:rf_model_set_threads, rf_model_set_threads(model, threads))
    set(:rf_model_set_event_limit, rf_model_set_event_limit(model, event_limit))
    set(:rf_model_set_recording, rf_model_set_recording(model, recording))
    return model
end

Model(X::AbstractVector{<:Real}, y::AbstractVector{<:Real}; options...) =
    Model(reshape(X, :, 1), y; options...)

function create(n, d, memory, row_stride, col_stride, labels, in_place)
    out = Ref{Ptr{CModel}}(C_NULL)
    message = message_buffer()
    status = GC.@preserve memory rf_model_create_ex(
        n, d, convert(Ptr{Cvoid}, pointer(memory)), row_stride, col_stride, labels,
        in_place ? RF_BORROW_DATA : 0, C_NULL, out, message, length(message))
    check(:rf_model_create_ex, status, message_text(message))
    return out[]
end

# A model, a trajectory or a sweep goes where the library takes its handle, and is kept alive there.
@noinline closed(object) = throw(ArgumentError("this $(nameof(typeof(object))) was closed"))

function Base.close(model::Model)
    rf_model_free(model.handle)
    model.handle = C_NULL
    return nothing
end

Base.isopen(model::Model) = model.handle != C_NULL
Base.cconvert(::Type{Ptr{CModel}}, model::Model) = model
function Base.unsafe_convert(::Type{Ptr{CModel}}, model::Model)
    model.handle == C_NULL && closed(model)
    return model.handle
end

# Julia's collector does not know what the library allocates.  Of models that were made and dropped in
# a loop it would see a few bytes each; so it is asked to run whenever they may have come to this many
# bytes.  A run was seen to take up to 7 times its data.
const BYTES_PER_COLLECTION = 2^28
const BYTES_SINCE = Threads.Atomic{Int}(0)

function count_bytes(n, d, m)
    bytes = 8 * 8 * n * d * m + 4096
    if Threads.atomic_add!(BYTES_SINCE, bytes) + bytes > BYTES_PER_COLLECTION
        BYTES_SINCE[] = 0
        GC.gc(false)
    end
    return nothing
end

"""
    copy(model)

An independent model with the same settings; the data are shared.
"""
Base.copy(m::Model) = Model(clone(m), m.roots, m.activation, m.slope, m.bias, m.borrowed)
Base.deepcopy_internal(m::Model, seen::IdDict) = get!(() -> copy(m), seen, m)

function clone(model)
    count_bytes(shape(model)...)
    out = Ref{Ptr{CModel}}(C_NULL)
    check(:rf_model_clone, rf_model_clone(model, out))
    return out[]
end

"""
    isborrowed(model) -> Bool

Whether the model reads the matrix `X` it was made from in place.
"""
isborrowed(model::Model) = model.borrowed

"""
    ndata(model), dim(model), neurons(model)

The number n of data, the dimension d of a datum (a bias included), the number m of neurons; of a
[`Model`](@ref) or a [`Trajectory`](@ref).
"""
ndata(model) = Int(rf_model_count(model))
@doc (@doc ndata) dim(model) = Int(rf_model_dim(model))
@doc (@doc ndata) neurons(model) = Int(rf_model_neurons(model))

shape(model) = (ndata(model), dim(model), neurons(model))

"""
    evaluate(model, w, quantity=:loss)

A quantity at any weight `w` (d numbers, or d × m), without a run: `:weights`, `:loss`, `:gradient`,
`:gradient_norm`, `:weight_norm`, `:margins`, `:residuals`, `:pattern`, `:outputs`.  Shapes are those
of [`at`](@ref).

Errors: [`RfError`](@ref) for another quantity, NaN or infinity; `DimensionMismatch`.
Source: docs/mathematics.md 0.
"""
function evaluate(model, w::AbstractArray{<:Real}, q::Symbol = :loss)
    n, d, m = shape(model)
    number, kind = quantity(q)
    dims = quantity_dims(kind, n, d, m)
    out = Vector{Float64}(undef, prod(dims))
    v = weight_vector("w", w, d, m)
    check(:rf_model_evaluate, rf_model_evaluate(model, v, length(v), number, out, length(out)))
    return kind === :whole ? out[1] : reshape(out, dims)
end
