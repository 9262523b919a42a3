# runtests.jl: the tests of the module.  RELUFLOW_LIBRARY names the library, RELUFLOW_HEADER its
# header; arguments name files to run alone ("header", "model", ...).
# SPDX-License-Identifier: MIT

using ReluFlow
using Serialization: serialize, deserialize
using Test

include("header.jl")

# raises(f, status): whether f throws an RfError with this status.
function raises(f, status)
    try
        f()
    catch e
        return e isa RfError && e.status == status && !isempty(e.message)
    end
    return false
end

# The three data of the README, whose flow slides, and how it ends.
const X3 = [1.0 1; 1 0; 0 1]
const y3 = [9.0, 11, -11]
readme_model(; options...) = Model(X3, y3; options...)

const NAMES = ["header", "model", "trajectory", "callbacks", "sweep", "landscape", "saving", "show",
               "neurons", "memory", "library", "readme"]
@testset "ReluFlow" begin
    for name in (isempty(ARGS) ? NAMES : ARGS)
        @testset "$name" begin
            include("test_$name.jl")
        end
    end
end
