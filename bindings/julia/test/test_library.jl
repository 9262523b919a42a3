# test_library.jl: a library that does not fit is refused with a clear message.
# SPDX-License-Identifier: MIT

# said_by(library): what a new Julia says to "using ReluFlow" with this RELUFLOW_LIBRARY.
function said_by(library)
    project = dirname(@__DIR__)
    command = `$(Base.julia_cmd()) --startup-file=no --project=$project -e "using ReluFlow; print(:fine)"`
    out = IOBuffer()
    run(pipeline(ignorestatus(setenv(command, merge(Dict(ENV), Dict("RELUFLOW_LIBRARY" => library)))),
                 stdout = out, stderr = out))
    return String(take!(out))
end

# fake(folder, name, version, functions): a shared library with these functions and nothing in them.
function fake(folder, name, version, functions)
    source, library = joinpath(folder, "$name.c"), joinpath(folder, "$name.so")
    open(source, "w") do io
        version === nothing || println(io, "unsigned rf_version(void) { return $version; }")
        for f in functions
            println(io, "void $f(void);\nvoid $f(void) {}")
        end
    end
    run(`$(get(ENV, "CC", "cc")) -shared -fPIC $source -o $library`)
    return library
end

@testset "libraries that do not fit" begin
    all_names = [d.name for d in ReluFlow.DECLARATIONS if d.name != :rf_version]
    mktempdir() do folder
        old = fake(folder, "old", 9, setdiff(all_names, [:rf_model_sample, :rf_sweep_run]))
        text = said_by(old)
        for part in (old, "older than this module", "0.0.9", "0.1.0", "rf_model_sample, rf_sweep_run")
            @test occursin(part, text)
        end
        text = said_by(fake(folder, "new", 1 << 16, all_names))
        @test occursin("version 1.0.0", text) && occursin("written for version 0.x", text)
        text = said_by(fake(folder, "other", nothing, [:something]))
        @test occursin("no reluflow library", text)
        text = said_by(joinpath(folder, "nowhere.so"))
        @test occursin("could not be loaded", text) && occursin("RELUFLOW_LIBRARY", text)
        # A later minor version with everything in it is fine.
        @test occursin("fine", said_by(fake(folder, "later", 2 << 8, all_names)))
    end
    @test occursin("fine", said_by(ReluFlow.library_path()))
    @test ReluFlow.refusal(v"0.9.0", Symbol[]) === nothing
    @test occursin("another build", ReluFlow.refusal(v"0.1.0", [:rf_version]))
    @test occursin("newer", ReluFlow.refusal(v"0.2.0", [:rf_version]))
end

@testset "numbers that a later library may send" begin
    later = ReluFlow.rf_event(1.0, 0, 0, Int32(99), Int32(0))
    @test_throws ErrorException ReluFlow.Event(later)
    text = try ReluFlow.Event(later) catch e sprint(showerror, e) end
    @test occursin("kind 99", text) && occursin("does not know", text)
    @test ReluFlow.status_symbol(Int32(9)) == Symbol("status 9")
    @test ReluFlow.status_symbol(ReluFlow.RF_ERROR_NUMERICAL) == :numerical
    @test ReluFlow.check(:rf_model_step, Int32(9)) == 9
    @test_throws RfError ReluFlow.check(:rf_model_step, Int32(-99))
end
