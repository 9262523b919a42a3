# test_memory.jl: what the library allocates goes with the objects, and not before.
# SPDX-License-Identifier: MIT

# The memory of this process, in bytes.
resident() = parse(Int, split(read("/proc/self/statm", String))[2]) * 4096

@testset "closing" begin
    model = readme_model()
    run = flow(model, [4, 2])
    s = sweep(model, [1, 1], 1)
    close(model)
    # What came from it lives on.
    @test limit(run) ≈ [11, -2] rtol = 1e-13
    @test !isopen(model) && isopen(run)
    @test_throws ArgumentError flow(model, [4, 2])
    close(run)
    close(run)
    @test_throws ArgumentError limit(run)
    @test_throws ArgumentError events(run)
    close(s)
    @test_throws ArgumentError integrate!(s)
    @test string(model) == "Model (closed)" && string(run) == "Trajectory (closed)"
    @test string(s) == "Sweep (closed)"
end

@testset "finalizers give the memory back, unasked" begin
    X, y = randn(2000, 64), randn(2000)      # one megabyte; a run takes several
    function many(count)
        for _ = 1:count
            flow(Model(X, y; recording = false), ones(64); t = 0)
        end
    end
    many(100)
    before = resident()
    many(400)
    # Leaked, it would be more than 400 MB.
    @test resident() - before < 200 * 2^20
end

@testset "borrowed data outlive their last name" begin
    make() = flow(Model(transpose(copy(transpose(X3))), copy(y3); borrow = true), [4, 2]; t = 0)
    runs = [make() for _ = 1:50]
    GC.gc()
    garbage = [fill(NaN, 6) for _ = 1:1000]
    @test all(run -> isapprox(limit(integrate!(run)), [11, -2]; rtol = 1e-13), runs)
    @test length(garbage) == 1000
end
