# ReluFlow.jl: the exact gradient flow of ReLU neurons, from Julia.
# SPDX-License-Identifier: MIT

"""
    ReluFlow

The exact gradient flow of ReLU neurons.  Between the instants at which a datum changes side the flow
w' = -∇L(w) is linear; it is followed in closed form from one such event to the next, and a run to
t = ∞ ends at the limit w(∞) with a certificate that no event is left.

```julia
using ReluFlow
model = Model([1 1; 1 0; 0 1], [9, 11, -11])
run = flow(model, [4, 2])
limit(run)
```

- problems: [`Model`](@ref), [`evaluate`](@ref)
- runs: [`flow`](@ref), [`gd`](@ref), [`sweep`](@ref); step by step: [`start`](@ref),
  [`integrate!`](@ref), [`advance!`](@ref), [`step!`](@ref)
- questions: [`limit`](@ref), [`at`](@ref), [`query`](@ref), [`weights`](@ref), [`loss`](@ref),
  [`events`](@ref), [`pattern`](@ref), [`support`](@ref), [`coefficients`](@ref),
  [`certificate`](@ref), [`neuron_certificates`](@ref), [`neuron_groups`](@ref), [`leave_one_out`](@ref), [`status`](@ref), [`isconverged`](@ref)
- the plane: [`landscape`](@ref)
- later: [`save`](@ref), [`load`](@ref), [`load!`](@ref)
- errors: [`RfError`](@ref)

Indices count from 1.  Every function of the C library is there too, as `ReluFlow.rf_model_query` and
its like, with the C library's conventions.

The library `libreluflow` is found by the dynamic loader, or where the environment variable
`RELUFLOW_LIBRARY` says.
"""
module ReluFlow

import Libdl
import LinearAlgebra
import Serialization

export Model, Trajectory, Sweep, Event, StationaryPoint, Certificate, RfError
export flow, gd, sweep, start, integrate!, advance!, step!
export limit, at, query, weights, loss, events, pattern, support, coefficients, certificate
export leave_one_out, status, isconverged, evaluate, landscape, save, load, load!
export neuron_certificates, neuron_groups
export ndata, dim, neurons, isborrowed

include("constants.jl")
include("declarations.jl")
include("library.jl")
include("errors.jl")
include("layout.jl")
include("model.jl")
include("memory.jl")
include("events.jl")
include("trajectory.jl")
include("queries.jl")
include("sweep.jl")
include("landscape.jl")
include("saving.jl")
include("show.jl")

function __init__()
    load_library()
    make_callbacks()
end

end
