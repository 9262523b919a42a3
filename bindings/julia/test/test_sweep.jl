# test_sweep.jl: many starts.
# SPDX-License-Identifier: MIT

@testset "a sweep is its runs" begin
    model = readme_model()
    U = [1.0 0.5 -1; 0.25 1 0.5]
    scales = [0, 1e-3, 1.0, 4.0]
    s = sweep(model, U, scales)
    @test size(s) == (4, 3) && length(s) == 12 && status(s) == :ok
    w, l = query(s, :weights), query(s, :loss)
    @test size(w) == (2, 4, 3) && size(l) == (4, 3)
    for j = 1:3, k = 1:4
        run = flow(model; direction = U[:, j], scale = scales[k])
        @test w[:, k, j] == limit(run)
        @test l[k, j] == loss(run)
        @test events(s[k, j]) == events(run)
    end
    @test query(sweep(model, U, scales; threads = 2), :weights) == w
    @test query(sweep(model, Float32.(U), scales), :weights) == w
    @test size(sweep(model, [1, 1], 0.5)) == (1, 1)
    kept = sweep(model, U, scales)[2, 1]
    GC.gc()
    @test limit(kept) == w[:, 2, 1]
    @test [loss(run) for run in s] == vec(l)
    @test loss(s[6]) == l[2, 2]
    @test_throws BoundsError s[13]
    @test_throws BoundsError s[5, 1]
    @test_throws BoundsError s[1, 0]
end

@testset "a sweep in parts" begin
    model = readme_model()
    s = Sweep(model, [1.0 0.5; 0.25 1], [0.5, 1])
    @test all(isnan, query(s, :loss))
    @test raises(() -> s[1, 1], ReluFlow.RF_ERROR_STATE)
    integrate!(s, 0.25)
    @test query(s, :time) == fill(0.25, 2, 2)
    integrate!(s)
    @test all(query(s, :converged) .== 1)
    stopped = Sweep(model, rand(2, 50), [1.0])
    integrate!(stopped; progress = (done, total) -> true)
    @test status(stopped) in (:stopped, :ok)
    integrate!(stopped)
    @test status(stopped) == :ok
    totals = Int[]
    sweep(model, rand(2, 5), [1.0, 2.0]; progress = (done, total) -> (push!(totals, total); false))
    @test !isempty(totals) && all(totals .== 10)
    @test_throws DomainError sweep(model, [1, 1], 1; progress = (a, b) -> throw(DomainError(a)))
    @test raises(() -> integrate!(s, 0.1), ReluFlow.RF_ERROR_ARGUMENT)
end

@testset "some of the runs, saved and loaded" begin
    model, U, scales = readme_model(), [1.0 0.5 -1; 0.25 1 0.5], [0.5, 1]
    whole = sweep(model, U, scales)
    s = Sweep(model, U, scales)
    integrate!(s; runs = [2, 5])
    done = query(s, :converged)
    @test [k for k = 1:6 if done[k] == 1] == [2, 5]
    bytes = save(s; runs = [2, 5])
    other = Sweep(model, U, scales)
    integrate!(other; runs = 1)
    @test load!(other, bytes) === other
    @test [k for k = 1:6 if query(other, :converged)[k] == 1] == [1, 2, 5]
    @test limit(other[5]) == limit(whole[5])
    @test query(integrate!(other), :weights) == query(whole, :weights)
    mktempdir() do folder
        save(joinpath(folder, "runs"), whole)
        fresh = load!(Sweep(model, U, scales), joinpath(folder, "runs"))
        @test query(fresh, :weights) == query(whole, :weights)
    end
    @test raises(() -> load!(Sweep(model, 2U, scales), bytes), ReluFlow.RF_ERROR_ARGUMENT)
    @test raises(() -> load!(other, bytes[1:end-1]), ReluFlow.RF_ERROR_CORRUPT)
    @test_throws BoundsError integrate!(s; runs = [7])
    @test_throws BoundsError save(s; runs = 0)
    @test_throws DomainError integrate!(s; runs = 1:6, progress = (a, b) -> throw(DomainError(a)))
end

@testset "what is refused" begin
    model = readme_model()
    @test_throws DimensionMismatch sweep(model, [1 2 3; 1 2 3]', [1])
    @test raises(() -> sweep(model, [1, 1], -1), ReluFlow.RF_ERROR_ARGUMENT)
    @test raises(() -> sweep(model, [0, 0], 0), ReluFlow.RF_ERROR_ARGUMENT)
    @test raises(() -> sweep(model, [1, NaN], 1), ReluFlow.RF_ERROR_NOT_FINITE)
    @test raises(() -> sweep(model, [1, 1], Float64[]), ReluFlow.RF_ERROR_SIZE)
    @test raises(() -> sweep(model, [1, 1], 1; threads = 0), ReluFlow.RF_ERROR_ARGUMENT)
end

@testset "which start is refused" begin
    model = readme_model()
    for (directions, scales, said) in (
            ([1.0, 2.0], Float64[], "there is no scale"), (zeros(2, 0), [1.0], "there is no direction"),
            ([1.0, 2.0], [1.0, -1.0], "scales[2] is -1.0"), ([1.0, 2.0], [NaN], "scales[1] is NaN"),
            ([1.0 Inf; 1.0 1.0], [1.0], "directions[1, 2] is Inf"),
            ([1.0 0.0; 1.0 0.0], [1.0, 0.0], "direction 2 is 0"))
        error = try
            Sweep(model, directions, scales)
        catch e
            e
        end
        @test error isa RfError && occursin(said, error.message)
    end
end
