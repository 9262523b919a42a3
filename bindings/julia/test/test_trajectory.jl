# test_trajectory.jl: runs and questions, against formulas and identities.
# SPDX-License-Identifier: MIT

@testset "the flow of the README" begin
    run = flow(readme_model(), [4, 2])
    @test limit(run) ≈ [11, -2] rtol = 1e-13
    @test weights(run) == limit(run)
    @test loss(run) ≈ 60.5 rtol = 1e-13
    e = events(run)
    @test [x.kind for x in e] == [ReluFlow.SLIDE_ENTER, ReluFlow.SLIDE_EXIT_INACTIVE]
    @test [x.time for x in e] ≈ [log(5 / 4), log(5 / 2)] rtol = 1e-13
    @test all(x -> (x.datum, x.neuron) == (3, 1), e)
    @test !any(x -> x.ambiguous || x.doubtful || x.inner, e)
    @test (status(run), isconverged(run)) == (:ok, true)
    @test support(run) == [1, 2]
    @test support(run, :trajectory) == [1, 2, 3]
    @test support(run, :boundary) == Int[]
    @test pattern(run) == [1, 1, 0]
    @test query(run, :residuals) ≈ [0, 0, 11] atol = 1e-12
    @test query(run, :outputs) ≈ [9, 11, 0] rtol = 1e-13
    @test query(run, :time) == Inf
    @test run.limit == limit(run) && run.events == e && run.support == [1, 2]
    @test run.loss == loss(run) && run.certificate.converged && run.status === :ok
    @test run.coefficients == coefficients(run) && run.pattern == pattern(run)
    @test :limit in propertynames(run) && !(:handle in propertynames(run))
    @test_throws ErrorException run.limits
end

@testset "at any time" begin
    run = flow(readme_model(), [4, 2])
    times = [0.0, 0.1, log(5 / 4), 0.5, 2.0, 1.0, 30.0, Inf]
    @test at(run, 0) == [4, 2]
    @test at(run, Inf) == limit(run)
    w = at(run, times)
    @test size(w) == (2, 8)
    for (k, t) in enumerate(times)
        @test w[:, k] == at(run, t) == run(t)
        @test loss(run, t) == loss(run, times)[k]
        @test loss(run, t) ≈ evaluate(readme_model(), w[:, k]) rtol = 1e-12
        @test at(run, t, :margins) ≈ X3 * w[:, k] atol = 1e-12
    end
    @test run(times) == w
    @test at(run, 0:0.5:2, :time) == 0:0.5:2
    @test at(run, Float64[]) == zeros(2, 0)
    @test size(at(run, times, :pattern)) == (3, 8)
    # w(t) = w(0) + sum of alpha_i(t) x_i.
    for t in (0.1, 0.5, 2.0)
        @test at(run, t) ≈ [4, 2] + X3' * at(run, t, :coefficients) rtol = 1e-12
    end
    # While the third datum slides the second weight is 0, and w1' = -(2 w1 - 20).
    @test at(run, 0.5)[2] == 0
    w1 = at(run, log(5 / 4))[1]
    @test at(run, 0.5)[1] ≈ 10 + (w1 - 10) * exp(-2(0.5 - log(5 / 4))) rtol = 1e-12
    R = ReluFlow
    @test raises(() -> at(run, -1), R.RF_ERROR_ARGUMENT)
    @test raises(() -> at(run, NaN), R.RF_ERROR_NOT_FINITE)
    @test raises(() -> at(run, [0.5, -1]), R.RF_ERROR_ARGUMENT)
    @test raises(() -> at(flow(readme_model(), [4, 2]; t = 1), 2), R.RF_ERROR_ARGUMENT)
    @test_throws ArgumentError at(run, 1, :nothing)
end

@testset "piece by piece" begin
    whole = flow(readme_model(), [4, 2])
    run = start(readme_model(), [4, 2])
    @test query(run, :time) == 0 && isempty(events(run)) && !isconverged(run)
    @test_throws ArgumentError limit(run)
    @test advance!(run, 0.1) === nothing
    @test status(run) == :no_event && query(run, :time) == 0.1
    first = advance!(run)
    @test first.kind == ReluFlow.SLIDE_ENTER
    @test first.time ≈ log(5 / 4) rtol = 1e-13
    @test integrate!(run, 0.5) === run
    @test weights(run) ≈ at(whole, 0.5) rtol = 1e-13
    other = copy(run)
    @test limit(integrate!(run)) ≈ limit(whole) rtol = 1e-13
    @test query(other, :time) == 0.5
    @test weights(other) ≈ at(whole, 0.5) rtol = 1e-13
    @test raises(() -> integrate!(other, 0.25), ReluFlow.RF_ERROR_ARGUMENT)
    @test raises(() -> integrate!(other, NaN), ReluFlow.RF_ERROR_NOT_FINITE)
    @test raises(() -> step!(other, 0.1), ReluFlow.RF_ERROR_STATE)
    @test query(other, :time) == 0.5
    # The runs of a model do not disturb one another.
    model = readme_model()
    a, b = flow(model, [4, 2]; t = 1), flow(model, [1, 1])
    @test weights(a) == at(whole, 1)
    @test query(b, :time) == Inf
end

@testset "vanishing starts" begin
    # Both data are active along (1, 1); the inner flow does not change that: the limit solves both.
    model = Model([1 0; 1 1], [2, 3])
    run = flow(model; direction = [1, 1])
    @test limit(run) ≈ [2, 1] rtol = 1e-13
    @test certificate(run).inner == :escape
    near = flow(model; direction = [1, 1], scale = 1e-8)
    @test limit(near) ≈ [2, 1] rtol = 1e-10
    @test certificate(near).inner == :none
    @test weights(start(model; direction = [1, 2], scale = 0.5)) == [0.5, 1]
    dead = flow(model; direction = [-1, 0])
    @test certificate(dead).inner == :dead && limit(dead) == [0, 0]
    @test raises(() -> flow(model; direction = [0, 0]), ReluFlow.RF_ERROR_ARGUMENT)
    @test raises(() -> flow(model; direction = [1, 1], scale = -1), ReluFlow.RF_ERROR_ARGUMENT)
end

@testset "certificate" begin
    c = certificate(flow(Model([1 0; 1 1], [2, 3]), [1e-3, 1e-3]))
    @test c.converged && c.time == Inf && !c.ambiguous && !c.doubtful
    @test c.strictly_increasing === true && isnan(c.first_failure)
    # From (2, 0) the norm of w falls at once.
    falling = certificate(flow(Model([1 0], [1]), [2, 0]))
    @test falling.strictly_increasing === false && falling.first_failure == 0
    part = certificate(flow(readme_model(), [4, 2]; t = 0.1))
    @test !part.converged && part.time == 0.1
    @test ismissing(certificate(gd(readme_model(), [4, 2]; eta = 0.1, steps = 3)).first_failure)
    # A start at the origin has other solutions.
    @test certificate(flow(readme_model(), [0, 0])).ambiguous
end

@testset "gradient descent" begin
    model = readme_model()
    run = gd(model, [4, 2]; eta = 0.1, steps = 20)
    w = [4.0, 2.0]
    for _ = 1:20
        w -= 0.1 * evaluate(model, w, :gradient)
    end
    @test weights(run) ≈ w rtol = 1e-12
    @test query(run, :time) ≈ 2 rtol = 1e-14
    step!(run, 0.1)
    @test weights(run) ≈ w - 0.1 * evaluate(model, w, :gradient) rtol = 1e-12
    @test_throws ArgumentError limit(run)
    @test raises(() -> integrate!(run), ReluFlow.RF_ERROR_STATE)
    @test raises(() -> gd(model, [4, 2]; eta = -1, steps = 1), ReluFlow.RF_ERROR_ARGUMENT)
    @test raises(() -> gd(model, [4, 2]; eta = 1, steps = -1), ReluFlow.RF_ERROR_ARGUMENT)
    far = gd(model, [4, 2]; eta = 0.01, steps = 10^9)
    @test weights(far) ≈ [11, -2] rtol = 1e-12
end

@testset "leaving data out" begin
    run = flow(readme_model(), [4, 2])
    W = leave_one_out(run)
    @test size(W) == (2, 3)
    for i = 1:3
        rest = setdiff(1:3, i)
        @test W[:, i] ≈ limit(flow(Model(X3[rest, :], y3[rest]), [4, 2])) rtol = 1e-12
    end
    @test leave_one_out(run, [3, 1]) == W[:, [3, 1]]
    @test leave_one_out(run, 2) == W[:, 2:2]
    @test size(leave_one_out(run, Int[])) == (2, 0)
    @test_throws BoundsError leave_one_out(run, [4])
    @test_throws BoundsError leave_one_out(run, 0)
    seen = Tuple{Int,Int}[]
    part = leave_one_out(run; progress = (done, total) -> (push!(seen, (done, total)); done == 2))
    @test seen == [(1, 3), (2, 3)]
    @test part[:, 1:2] == W[:, 1:2] && all(isnan, part[:, 3])
    @test_throws DomainError leave_one_out(run; progress = (a, b) -> throw(DomainError(a)))
end

@testset "every quantity has its shape" begin
    run = flow(readme_model(), [4, 2])
    for (name, (number, kind)) in ReluFlow.QUANTITIES
        value = query(run, name)
        wanted = kind === :whole ? () : kind === :weight ? (2,) : (3,)
        @test size(value) == wanted
        @test size(at(run, [0.1, 0.2], name)) == (wanted..., 2)
        length = Ref{Int64}(0)
        @test ReluFlow.rf_model_query_size(run, number, length) == ReluFlow.RF_OK
        @test length[] == prod(wanted)
    end
    @test_throws ArgumentError query(run, :margin)
    @test_throws ArgumentError support(run, :some)
    @test raises(() -> query(readme_model(), :loss), ReluFlow.RF_ERROR_STATE)
end
