# show.jl: how things look at the prompt.
# SPDX-License-Identifier: MIT

const SUPERSCRIPTS = Dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
superscript(k) = map(c -> SUPERSCRIPTS[c], string(k))
plural(k, one, many = one * "s") = string(k, " ", k == 1 ? one : many)

function activation_text(model::Model)
    model.activation === :relu && return "ReLU"
    model.activation === :linear && return "linear"
    model.activation === :leaky_relu && return "leaky ReLU (slope $(model.slope))"
    return ""
end
activation_text(::Nothing) = ""

function neurons_text(x, model)
    words = filter(!isempty, [activation_text(model), rf_model_neurons(x) == 1 ? "neuron" : "neurons"])
    return string(rf_model_neurons(x), " ", join(words, " "))
end

function data_text(x, model)
    bias = model !== nothing && model.bias ? " (the last a bias)" : ""
    return string(plural(ndata(x), "datum", "data"), " in R", superscript(dim(x)), bias)
end

function Base.show(io::IO, model::Model)
    isopen(model) || return print(io, "Model (closed)")
    print(io, "Model: ", neurons_text(model, model), ", ", data_text(model, model),
          model.borrowed ? ", borrowed" : "")
end

# A few numbers of an array on one line.
function brief(io, v::AbstractArray)
    numbers = vec(v)
    shown = [sprint(show, x; context = :compact => true) for x in numbers[1:min(end, 6)]]
    print(io, "[", join(shown, ", "), length(numbers) > 6 ? ", …" : "", "]")
    length(numbers) > 6 && print(io, " (", length(numbers), ")")
end

compact(x) = sprint(show, x; context = :compact => true)

function Base.show(io::IO, r::Trajectory)
    isopen(r) || return print(io, "Trajectory (closed)")
    print(io, "Trajectory(t = ", compact(query(r, :time)), ", ", plural(rf_model_event_count(r), "event"),
          ", loss ", compact(loss(r)), ")")
end

function Base.show(io::IO, ::MIME"text/plain", r::Trajectory)
    isopen(r) || return print(io, "Trajectory (closed)")
    println(io, r.descends ? "Gradient descent" : "Gradient flow", " of ", neurons_text(r, r.model),
            " on ", data_text(r, r.model))
    certain = isconverged(r)
    println(io, "  ended   ", certain ? "at the certified limit" :
            "at t = $(compact(query(r, :time))), status :$(status(r))")
    print(io, certain ? "  w(∞)    " : "  w       ")
    brief(io, weights(r))
    println(io, "\n  loss    ", compact(loss(r)))
    flags = Int(query(r, :flags))
    notes = [text for (bit, text) in ((RF_FLAG_AMBIGUOUS, "ambiguous"), (RF_FLAG_DOUBTFUL, "doubtful"))
             if flags & bit != 0]
    isempty(notes) || println(io, "  flags   ", join(notes, ", "))
    print(io, "  events  ", rf_model_event_count(r))
    show_some_events(io, r)
end

function show_some_events(io, r)
    count = Int(rf_model_event_count(r))
    first_shown = max(1, count - 4)
    raw = Vector{rf_event}(undef, count - first_shown + 1)
    # Without a history there is only their number.
    rf_model_events(r, first_shown - 1, length(raw), raw) == RF_OK || return
    isempty(raw) || print(io, first_shown > 1 ? ", the last of them" : "")
    for event in raw
        print(io, "\n    ", Event(event))
    end
end

function Base.show(io::IO, e::Event)
    print(io, e.inner ? "s = " : "t = ", compact(e.time), "  ")
    e.datum > 0 && print(io, "datum ", e.datum, " ")
    e.neuron > 1 && print(io, "neuron ", e.neuron, " ")
    print(io, lowercase(string(e.kind)))
    e.ambiguous && print(io, ", ambiguous")
    e.doubtful && print(io, ", doubtful")
end

function Base.show(io::IO, ::MIME"text/plain", c::Certificate)
    println(io, "Certificate")
    println(io, "  limit      ", c.converged ? "certified: no event comes any more" :
            "not reached; t = $(compact(c.time))")
    c.inner === :none || println(io, "  start      vanishing; the inner flow ended with ", c.inner)
    println(io, "  unique     ", c.ambiguous ? "no: the documented choice was made" : "yes")
    println(io, "  decisions  ", c.doubtful ? "some closer to a tie than rounding can tell" : "all clear")
    print(io, "  norm of w  ", c.strictly_increasing === missing ? "not decided" :
          c.strictly_increasing ? "strictly increases" :
          isnan(c.first_failure) ? "never decreases" : "decreases from t = $(compact(c.first_failure))")
end

function Base.show(io::IO, s::Sweep)
    isopen(s) || return print(io, "Sweep (closed)")
    print(io, "Sweep: ", plural(size(s, 2), "direction"), " × ", plural(size(s, 1), "scale"),
          ", status :", status(s))
end

function Base.show(io::IO, p::StationaryPoint)
    print(io, lowercase(string(p.kind)), " at (", compact(p.w[1]), ", ", compact(p.w[2]), ")")
    p.datum > 0 && print(io, ", datum ", p.datum, ", theta ", compact(p.theta))
    print(io, ", loss ", compact(p.loss))
    p.stationary || print(io, ", not stationary")
    p.doubtful && print(io, ", doubtful")
end
