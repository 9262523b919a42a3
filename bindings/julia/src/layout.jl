# layout.jl: how Julia's arrays lie in memory, and how the library's numbers become arrays.
# SPDX-License-Identifier: MIT
#
# The library writes row by row, Julia column by column: an m x d table of the library is a d x m
# matrix here, without a copy.  A column of weights is a neuron; the last dimension of what is asked
# at many times is the time.

const StridedReal = StridedMatrix{Float64}
const Turned = Union{LinearAlgebra.Transpose{Float64,<:StridedReal},
                     LinearAlgebra.Adjoint{Float64,<:StridedReal},
                     PermutedDimsArray{Float64,2,(2, 1),(2, 1),<:StridedReal}}

# in_memory(X): an array that owns or shows the numbers of the n x d matrix X, and the strides from
# row to row and from column to column.  Any strided matrix of Float64, turned or not, is taken as it
# lies; everything else is converted.
in_memory(X::StridedReal) = (X, stride(X, 1), stride(X, 2))
in_memory(X::Turned) = (parent(X), stride(parent(X), 2), stride(parent(X), 1))
in_memory(X::AbstractMatrix{<:Real}) = in_memory(Matrix{Float64}(X))

# with_ones(X): the data with a last column of 1, stored row by row (as its transpose).
function with_ones(X::AbstractMatrix{<:Real})
    n, d = size(X)
    rows = Matrix{Float64}(undef, d + 1, n)
    for i = 1:n, k = 1:d
        rows[k, i] = X[i, k]
    end
    rows[d+1, :] .= 1
    return transpose(rows)
end

numbers(v::Array{Float64}) = v
numbers(v::AbstractArray{<:Real}) = Array{Float64}(v)

# What a quantity is a number for: the whole, every weight, every datum, or every pair of a datum and
# a neuron.
const QUANTITIES = Dict{Symbol,Tuple{Int32,Symbol}}(
    :time => (RF_TIME, :whole),
    :weights => (RF_WEIGHTS, :weight),
    :velocity => (RF_VELOCITY, :weight),
    :loss => (RF_LOSS, :whole),
    :gradient => (RF_GRADIENT, :weight),
    :gradient_norm => (RF_GRADIENT_NORM, :whole),
    :weight_norm => (RF_WEIGHT_NORM, :whole),
    :norm_rate => (RF_NORM_RATE, :whole),
    :margins => (RF_MARGINS, :pair),
    :residuals => (RF_RESIDUALS, :datum),
    :pattern => (RF_PATTERN, :pair),
    :coefficients => (RF_COEFFICIENTS, :pair),
    :multipliers => (RF_MULTIPLIERS, :pair),
    :deactivations => (RF_DEACTIVATIONS, :pair),
    :reactivations => (RF_REACTIVATIONS, :pair),
    :first_active => (RF_FIRST_ACTIVE, :pair),
    :last_active => (RF_LAST_ACTIVE, :pair),
    :path_length => (RF_PATH_LENGTH, :whole),
    :converged => (RF_CONVERGED, :whole),
    :least_norm => (RF_LEAST_NORM, :weight),
    :flags => (RF_FLAGS, :whole),
    :status => (RF_STATUS, :whole),
    :inner_ending => (RF_INNER_ENDING, :whole),
    :rates => (RF_RATES, :weight),
    :outputs => (RF_OUTPUTS, :datum),
)

@noinline function no_quantity(q)
    throw(ArgumentError("no quantity :$q; there are " *
                        join(map(repr, sort!(collect(keys(QUANTITIES)))), ", ")))
end

function quantity(q::Symbol)
    haskey(QUANTITIES, q) || no_quantity(q)
    return QUANTITIES[q]
end

# quantity_dims(kind, n, d, m): the dimensions of a quantity; one neuron has none of its own.
function quantity_dims(kind::Symbol, n, d, m)
    kind === :whole && return ()
    kind === :datum && return (n,)
    first = kind === :weight ? d : n
    return m == 1 ? (first,) : (first, m)
end

# weight_vector(name, w, d, m): the numbers of a weight for the library: d x m, or a vector of d*m.
function weight_vector(name, w::AbstractArray{<:Real}, d, m)
    if ndims(w) == 1 ? length(w) != d * m : size(w) != (d, m)
        found = ndims(w) == 1 ? "has $(length(w)) elements" : "is $(join(size(w), "×"))"
        wanted = m == 1 ? "has to have $d, one for each column of the data and the bias" :
            "has to be $d×$m, one column for each neuron, or a vector of $(d * m)"
        throw(DimensionMismatch("$name $found; it $wanted"))
    end
    return numbers(w)
end
