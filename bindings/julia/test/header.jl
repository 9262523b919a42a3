# header.jl: compares the declarations of the module with the header, in both directions.
# SPDX-License-Identifier: MIT
#
# complaints(text) gives one line for each function, argument, constant, field or shape that differs.

module Header

using ReluFlow: ReluFlow, CModel, CSweep, CLandscape, rf_event, rf_stationary_point, rf_allocator

const SCALARS = Dict{String,Type}(
    "void" => Cvoid, "double" => Float64, "int32_t" => Int32, "rf_status" => Int32,
    "int64_t" => Int64, "uint32_t" => UInt32, "uint8_t" => UInt8, "size_t" => Csize_t,
    "char" => UInt8, "rf_model" => CModel, "rf_sweep" => CSweep, "rf_landscape" => CLandscape,
    "rf_event" => rf_event, "rf_stationary_point" => rf_stationary_point,
    "rf_allocator" => rf_allocator)

without_comments(text) = replace(text, r"/\*.*?\*/"s => " ")

# julia_type("const double *"): what stands for a C type.
function julia_type(words::AbstractString)
    stars = count(==('*'), words)
    base = strip(replace(replace(words, "*" => " "), r"\bconst\b" => " "))
    type = SCALARS[base]
    for _ = 1:stars
        type = Ptr{type}
    end
    return type
end

# split_arguments("int a, int (*f)(int, int)"): split at the commas outside parentheses.
function split_arguments(text)
    parts, depth, current = String[], 0, ""
    for c in text
        depth += (c == '(') - (c == ')')
        if c == ',' && depth == 0
            push!(parts, current)
            current = ""
        else
            current *= c
        end
    end
    push!(parts, current)
    return strip.(parts)
end

struct Argument
    name::Symbol
    type::Type
    callback::Any               # (result, arguments) of a pointer to a function, else nothing
end

function argument(text)
    pointer = match(r"^(.*?)\(\*(\w+)\)\((.*)\)$"s, text)
    if pointer !== nothing
        types = Tuple(argument(part).type for part in split_arguments(pointer[3]))
        return Argument(Symbol(pointer[2]), Ptr{Cvoid}, (julia_type(pointer[1]), types))
    end
    m = match(r"^(.*?)(\w+)$"s, text)
    return Argument(Symbol(m[2]), julia_type(m[1]), nothing)
end

struct Declared
    name::Symbol
    result::Type
    arguments::Vector{Argument}
end

function functions(text)
    found = Declared[]
    for m in eachmatch(r"^RF_API\s+([^;]*);"m, without_comments(text))
        head = match(r"^(.*?)\b(rf_\w+)\((.*)\)$"s, strip(replace(m[1], r"\s+" => " ")))
        result = strip(head[1]) == "const char *" ? Cstring : julia_type(head[1])
        arguments = strip(head[3]) == "void" ? Argument[] : argument.(split_arguments(head[3]))
        push!(found, Declared(Symbol(head[2]), result, arguments))
    end
    return found
end

function constants(text)
    found = Dict{Symbol,Int32}()
    for m in eachmatch(r"\benum\s*\{(.*?)\}"s, without_comments(text))
        for entry in eachmatch(r"(RF_\w+)\s*=\s*(-?\d+)", m[1])
            found[Symbol(entry[1])] = parse(Int32, entry[2])
        end
    end
    return found
end

# The fields of a struct, in order: (name, type); functions as pointers, arrays as tuples.
function fields(text, struct_name)
    m = match(Regex("typedef struct $struct_name \\{(.*?)\\} $struct_name;", "s"),
              without_comments(text))
    m === nothing && return nothing
    found = Tuple{Symbol,Type}[]
    for part in strip.(split(m[1], ';'))
        isempty(part) && continue
        array = match(r"^(.*?)(\w+)\[(\d+)\]$", part)
        if array !== nothing
            type = NTuple{parse(Int, array[3]),julia_type(array[1])}
            push!(found, (Symbol(array[2]), type))
        else
            a = argument(part)
            push!(found, (a.name, a.type))
        end
    end
    return found
end

# The shapes that the comments of the quantities give, "" for a number.
function quantity_shapes(text)
    found = Dict{Symbol,String}()
    first = findfirst("RF_TIME = 1", text)
    last = findnext("};", text, first[1])
    for m in eachmatch(r"(RF_\w+) = (\d+),?\s*/\* (?:\(([a-z*]+)\))?"s, text[first[1]:last[1]])
        found[Symbol(m[1])] = m[3] === nothing ? "" : String(m[3])
    end
    return found
end

const SHAPES = Dict(:whole => [""], :weight => ["d", "m*d"], :datum => ["n"], :pair => ["n", "m*n"])

function check_functions(text, bad)
    header = functions(text)
    isempty(header) && push!(bad, "no function found in the header")
    wrapped = ReluFlow.DECLARATIONS
    for name in setdiff([d.name for d in wrapped], [f.name for f in header])
        push!(bad, "$name is declared here, but not in the header")
    end
    for f in header
        i = findfirst(d -> d.name == f.name, wrapped)
        if i === nothing
            push!(bad, "$(f.name) is in the header, but not declared here")
            continue
        end
        d = wrapped[i]
        d.result == f.result || push!(bad, "$(f.name) returns $(f.result), not $(d.result)")
        names, types = [a.name for a in f.arguments], [a.type for a in f.arguments]
        d.arguments == names || push!(bad, "$(f.name) has arguments $names, not $(d.arguments)")
        d.types == types || push!(bad, "$(f.name) takes $types, not $(d.types)")
        for a in f.arguments
            a.callback === nothing && continue
            known = get(ReluFlow.CALLBACKS, (f.name, a.name), nothing)
            known == a.callback || push!(bad, "$(f.name): $(a.name) is $(a.callback), not $known")
        end
    end
end

function check_constants(text, bad)
    header = constants(text)
    for (name, value) in header
        here = get(ReluFlow.CONSTANTS, name, nothing)
        here == value || push!(bad, "$name is $value, not $here")
    end
    for name in setdiff(keys(ReluFlow.CONSTANTS), keys(header))
        push!(bad, "$name is declared here, but not in the header")
    end
    # A status and a quantity begin like kinds of something.
    others = (:RF_EVENT_LIMIT, :RF_INNER_ENDING)
    values_of(prefix) = Set(value for (name, value) in header
                            if startswith(String(name), prefix) && !(name in others))
    for (prefix, here) in ["RF_EVENT_" => Int32.(instances(ReluFlow.EventKind)),
                           "RF_POINT_" => Int32.(instances(ReluFlow.PointKind)),
                           "RF_SUPPORT_" => values(ReluFlow.SUPPORTS),
                           "RF_INNER_" => keys(ReluFlow.INNER_ENDINGS)]
        there = values_of(prefix)
        Set(here) == there || push!(bad, "$prefix* are $there, not $(Set(here))")
    end
end

function check_structs(text, bad)
    for type in (rf_event, rf_stationary_point, rf_allocator)
        name = nameof(type)
        header = fields(text, name)
        here = collect(zip(fieldnames(type), fieldtypes(type)))
        header == here || push!(bad, "$name has fields $header, not $here")
    end
    for (name, type) in ("event" => rf_event, "stationary point" => rf_stationary_point)
        words = replace(name, " " => "_")
        m = match(Regex("Frozen at (\\d+) bytes[^/]*\\*/\\s*typedef struct rf_$words ", "s"), text)
        m !== nothing && parse(Int, m[1]) == sizeof(type) ||
            push!(bad, "rf_$words has not the size at which the header freezes it")
    end
    for m in eachmatch(r"typedef struct (rf_\w+) \{"s, without_comments(text))
        Symbol(m[1]) in (:rf_event, :rf_stationary_point, :rf_allocator) ||
            push!(bad, "$(m[1]) is a struct that is not declared here")
    end
    allocator = match(r"typedef struct rf_allocator \{(.*?)\}"s, without_comments(text))
    for part in strip.(split(allocator[1], ';'))
        occursin("(*", part) || continue
        a = argument(part)
        get(ReluFlow.CALLBACKS, (:rf_allocator, a.name), nothing) == a.callback ||
            push!(bad, "rf_allocator.$(a.name) is $(a.callback)")
    end
end

function check_quantities(text, bad)
    header = quantity_shapes(text)
    here = Dict(number => (name, kind) for (name, (number, kind)) in ReluFlow.QUANTITIES)
    isempty(header) && push!(bad, "no quantity found in the header")
    for (name, shape) in header
        number = get(constants(text), name, 0)
        symbol, kind = get(here, number, (nothing, :whole))
        symbol === Symbol(lowercase(String(name)[4:end])) ||
            push!(bad, "$name has the number of :$symbol")
        shape in SHAPES[kind] || push!(bad, "$name is ($shape) in the header, a $kind here")
    end
    length(header) == length(here) ||
        push!(bad, "$(length(header)) quantities in the header, $(length(here)) here")
end

function complaints(text)
    bad = String[]
    check_functions(text, bad)
    check_constants(text, bad)
    check_structs(text, bad)
    check_quantities(text, bad)
    return bad
end

end
