# test_neurons.jl: several neurons, a column of weights for each.
# SPDX-License-Identifier: MIT

@testset "two neurons that share nothing" begin
    # Each datum is seen by one neuron only: two problems beside one another.
    X, y = [1.0 0.5; -1 -0.25], [2.0, -3.0]
    model = Model(X, y; outer_weights = [1, -1])
    @test neurons(model) == 2
    w0 = [1.0 -1.0; 0.0 0.0]
    run = flow(model, w0)
    w = limit(run)
    @test size(w) == (2, 2)
    first = limit(flow(Model(X[1:1, :], y[1:1]), w0[:, 1]))
    second = limit(flow(Model(X[2:2, :], -y[2:2]), w0[:, 2]))
    @test w ≈ [first second] rtol = 1e-12
    @test query(run, :outputs) ≈ y rtol = 1e-12
    @test support(run) == [CartesianIndex(1, 1), CartesianIndex(2, 2)]
    @test size(coefficients(run)) == (2, 2)
    @test w ≈ w0 + X' * coefficients(run) rtol = 1e-12
    @test pattern(run) == [1 0; 0 1]
    @test size(at(run, [0, 0.5, 1])) == (2, 2, 3)
    @test at(run, [0, 0.5, 1])[:, :, 2] == at(run, 0.5)
    @test size(query(run, :residuals)) == (2,)
    @test size(at(run, [0.0, 1.0], :margins)) == (2, 2, 2)
    @test all(e -> 1 <= e.neuron <= 2, events(run))
end

@testset "certificates and groups of neurons" begin
    # Three copies of one direction, and one of another; each group acts as one neuron.
    model = Model([1 0; 0 1], [3, 2]; outer_weights = [1, 0.5, 0.25, 1])
    run = start(model, [1 2 4 0; 0 0 0 0])
    @test [g.group for g in neuron_groups(run)] == [1, 1, 1, 0]
    @test [g.weight for g in neuron_groups(run)] ≈ [3, 3, 3, 0] rtol = 1e-14
    @test raises(() -> neuron_groups(run; angle = 4), ReluFlow.RF_ERROR_ARGUMENT)
    one = flow(Model([1 0; 1 1], [2, 3]), [1e-3, 1e-3])
    only_one = neuron_certificates(one)
    @test length(only_one) == 1 && only_one[1].strictly_increasing
    @test isnan(only_one[1].first_failure)
    both = neuron_certificates(flow(Model([1 0], [1]; outer_weights = [1, 1]), [2 2; 0 0]))
    @test [c.first_failure for c in both] == [0, 0]
    @test !any(c -> c.strictly_increasing, both)
end

@testset "shapes of starts and sweeps" begin
    model = readme_model(outer_weights = [1, -0.5])
    w0 = [4.0 1.0; 2.0 2.0]
    @test weights(start(model, w0)) == w0
    @test weights(start(model, vec(w0))) == w0
    @test_throws DimensionMismatch start(model, ones(2, 3))
    @test_throws DimensionMismatch start(readme_model(outer_weights = [1, 1, 1]), ones(3, 2))
    @test_throws DimensionMismatch start(model, [1, 2])
    U = cat(w0, 2w0; dims = 3)
    s = sweep(model, U, [0.5, 1.0])
    @test size(query(s, :weights)) == (2, 2, 2, 2)
    @test query(s, :weights)[:, :, 2, 1] == limit(flow(model, w0))
    @test query(sweep(model, reshape(U, 4, 2), [0.5, 1.0]), :weights) == query(s, :weights)
    @test size(leave_one_out(flow(model, w0), [1, 2])) == (2, 2, 2)
    r = evaluate(model, w0, :residuals)
    f = max.(X3 * w0[:, 1], 0) - 0.5max.(X3 * w0[:, 2], 0)
    @test r ≈ f - y3 rtol = 1e-14
    for (name, (number, kind)) in ReluFlow.QUANTITIES
        wanted = kind === :whole ? () : kind === :datum ? (3,) : kind === :weight ? (2, 2) : (3, 2)
        @test size(query(flow(model, w0), name)) == wanted
    end
end

@testset "directions and norms of the neurons of a run" begin
    model = Model([1 0; 0 1; -1 0; 0 -1], [1, 2, 0, -1]; outer_weights = [1, 1, -1, 1])
    run = flow(model, [0.5 0.5 -1 -1; 0.25 0.25 -0.5 -1])
    groups = neuron_groups(run)
    @test [g.group for g in groups] == [1, 1, 3, 4]
    @test [g.weight for g in groups] ≈ [√5, √5, -√41 / 4, √17 / 4] rtol = 1e-12
    @test [g.group for g in neuron_groups(run; angle = π)] == [1, 1, 1, 1]
    @test raises(() -> neuron_groups(run; angle = -1), ReluFlow.RF_ERROR_ARGUMENT)
    @test [one.strictly_increasing for one in neuron_certificates(run)] == [true, true, true, false]
    @test neuron_certificates(run)[4].first_failure == 0
    @test raises(() -> neuron_certificates(gd(model, ones(2, 4); eta = 0.01, steps = 3)),
                 ReluFlow.RF_ERROR_STATE)
end
