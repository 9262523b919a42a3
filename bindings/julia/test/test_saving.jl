# test_saving.jl: bytes, files and streams.
# SPDX-License-Identifier: MIT

@testset "a trajectory comes back bit for bit" begin
    run = flow(readme_model(), [4, 2]; t = 0.5)
    bytes = save(run)
    again = load(bytes)
    @test again isa Trajectory
    @test events(again) == events(run)
    @test at(again, 0:0.1:0.5) == at(run, 0:0.1:0.5)
    @test limit(integrate!(again)) == limit(integrate!(run))
    mktempdir() do folder
        file = joinpath(folder, "run")
        save(file, run)
        @test limit(load(file)) == limit(run)
        open(io -> save(io, run), file, "w")
        @test limit(open(load, file)) == limit(run)
    end
    @test save(load(save(run))) == save(run)
end

@testset "a model and a descent come back too" begin
    model = load(save(readme_model(weights = [1, 2, 3])))
    @test model isa Model
    @test limit(flow(model, [4, 2])) == limit(flow(readme_model(weights = [1, 2, 3]), [4, 2]))
    descent = load(save(gd(readme_model(), [4, 2]; eta = 0.1, steps = 10)))
    @test descent.descends
    @test weights(step!(descent, 0.1, 10)) ==
          weights(gd(readme_model(), [4, 2]; eta = 0.1, steps = 20))
end

@testset "damage is found" begin
    bytes = save(flow(readme_model(), [4, 2]))
    @test raises(() -> load(bytes[1:end-1]), ReluFlow.RF_ERROR_CORRUPT)
    @test raises(() -> load(UInt8[]), ReluFlow.RF_ERROR_CORRUPT)
    for place in (1, 20, length(bytes) ÷ 2, length(bytes))
        broken = copy(bytes)
        broken[place] ⊻= 0x10
        @test raises(() -> load(broken), ReluFlow.RF_ERROR_CORRUPT)
    end
end

@testset "copied, and written by Serialization" begin
    model = readme_model(weights = [1, 2, 3])
    run = flow(model, [4, 2])
    many = sweep(model, [1.0 2.0; 0.5 -1.0], [1, 0.1])
    function through(x)
        io = IOBuffer()
        serialize(io, x)
        return deserialize(seekstart(io))
    end
    for twice in (copy, deepcopy, through)
        others = twice.((model, run, many))
        @test limit(flow(others[1], [4, 2])) == limit(run)
        @test others[1].activation == :relu
        @test save(others[2]) == save(run)
        @test query(others[3], :weights) == query(many, :weights)
        close.(others)
        @test isopen(model) && isopen(run) && isopen(many)
    end
    together = deepcopy((run, run))
    @test together[1] === together[2] !== run
end
