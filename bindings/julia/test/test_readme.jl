# test_readme.jl: what the README and the quick start show is what Julia prints.
# SPDX-License-Identifier: MIT

# Arrays of one and two dimensions have other names in later versions of Julia.
same_names(text) = replace(replace(text, r"Array\{(?:ReluFlow\.)?(\w+),1\}" => s"Vector{\1}"),
                           r"Array\{(\w+),2\}" => s"Matrix{\1}")

# sessions(text): pairs of what was entered at a prompt and what was printed.
function sessions(text)
    found = Tuple{String,String}[]
    for block in eachmatch(r"```julia-repl\n(.*?)```"s, text)
        for part in split(block[1], "julia> "; keepempty = false)
            lines = split(chomp(rstrip(part)), '\n')
            entered = [lines[1]]
            rest = 2
            while rest <= length(lines) && startswith(lines[rest], "       ")
                push!(entered, lines[rest])
                rest += 1
            end
            push!(found, (join(entered, '\n'), join(lines[rest:end], '\n')))
        end
    end
    return found
end

@testset "README.md" begin
    text = read(joinpath(@__DIR__, "..", "README.md"), String)
    room = Module(:Readme)
    Core.eval(room, :(using ReluFlow))
    shown = sessions(text)
    @test length(shown) >= 8
    for (entered, printed) in shown
        value = include_string(room, entered)
        said = value === nothing || occursin(r";\s*(#.*)?$", entered) ? "" :
            sprint(io -> show(IOContext(io, :limit => true, :module => room), MIME("text/plain"),
                              value))
        @test same_names(rstrip(said)) == same_names(printed)
    end
end

@testset "docs/quickstart.md" begin
    text = read(joinpath(@__DIR__, "..", "..", "..", "docs", "quickstart.md"), String)
    shown = collect(eachmatch(r"```julia\n(.*?)```\n+```text\n(.*?)```"s, text))
    @test length(shown) == 1 == length(collect(eachmatch(r"```julia\n", text)))
    for one in shown
        command = `$(Base.julia_cmd()) --startup-file=no --project=$(Base.active_project()) -e $(one[1])`
        @test read(command, String) == one[2]
    end
end
