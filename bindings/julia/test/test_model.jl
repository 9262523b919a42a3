# test_model.jl: data of every layout and type, the options, what is refused.
# SPDX-License-Identifier: MIT

@testset "the loss is that of the formula" begin
    X, y, c, w = [1.0 2; -3 1; 0.5 -1; 2 0.25], [1.0, 2, -1, 0.5], [1.0, 2, 0.5, 3], [0.75, 0.5]
    sigma(z, beta) = z > 0 ? z : beta * z
    for (activation, slope) in ((:relu, 0.0), (:leaky_relu, 0.25), (:linear, 1.0))
        model = Model(X, y; weights = c, activation = activation, slope = min(slope, 0.5))
        r = sigma.(X * w, slope) .- y
        @test evaluate(model, w) ≈ sum(c .* r .^ 2) / 2 rtol = 1e-14
        @test evaluate(model, w, :residuals) ≈ r rtol = 1e-14
        @test evaluate(model, w, :margins) ≈ X * w rtol = 1e-14
        @test (ndata(model), dim(model), neurons(model)) == (4, 2, 1)
    end
    with_bias = Model(X, y; bias = true)
    @test dim(with_bias) == 3
    @test evaluate(with_bias, [0.75, 0.5, -1.0], :margins) ≈ X * w .- 1 rtol = 1e-14
end

@testset "every layout and type gives the same bits" begin
    X = [1.0 2 -3; -3 1 0.5; 0.5 -1 4; 2 0.25 1; -1 -1 2]
    y, w0 = [1.0, 2, -1, 0.5, 3], [0.5, 0.25, -0.125]
    wanted = limit(flow(Model(X, y), w0))
    big = zeros(11, 7)
    big[2:2:10, 3:2:7] .= X
    turned = Matrix(transpose(X))
    for (name, data) in [
            "transpose" => transpose(turned), "adjoint" => turned',
            "permuted" => PermutedDimsArray(turned, (2, 1)), "view" => view(big, 2:2:10, 3:2:7),
            "reversed" => view(X[5:-1:1, :], 5:-1:1, :), "rational" => Rational{Int}.(X),
            "big" => BigFloat.(X), "view of a transpose" => view(transpose(turned), 1:5, 1:3),
            "transpose of a view" => transpose(view(Matrix(transpose(big)), 3:2:7, 2:2:10))]
        @testset "$name" begin
            @test Array(data) == X
            @test limit(flow(Model(data, y), w0)) == wanted
        end
    end
    for numbers in (Float32.(y), view(y, 1:5), Rational{Int}.(y), y'[:])
        @test limit(flow(Model(X, numbers), w0)) == wanted
    end
    @test limit(flow(Model(X, y), Float32.(w0))) == wanted
    @test limit(flow(Model(X, y), view([w0; 9.0], 1:3))) == wanted
end

@testset "borrowed data" begin
    rows = [1.0 1 0; 1 0 1]                 # d x n
    y = copy(y3)
    for data in (transpose(rows), rows', PermutedDimsArray(rows, (2, 1)))
        model = Model(data, y; borrow = true)
        @test isborrowed(model)
        @test limit(flow(model, [4, 2])) ≈ [11, -2] rtol = 1e-13
        # It is the same memory: the library sees a change (which nobody should make).
        rows[1, 1] = 2
        @test evaluate(model, [4, 2], :margins)[1] == 10
        rows[1, 1] = 1
    end
    # What does not lie row by row is copied.
    copied = Model(X3, y; borrow = true)
    @test !isborrowed(copied)
    @test !isborrowed(Model(transpose(rows), y))
    @test !isborrowed(Model(transpose(rows), y; borrow = true, bias = true))
    @test limit(flow(copied, [4, 2])) ≈ [11, -2] rtol = 1e-13
    # Without borrow a change of the arrays does not reach the model.
    safe = Model(transpose(rows), y)
    rows[1, 1] = 2
    y[1] = 0
    @test evaluate(safe, [4, 2], :residuals) == [-3, -7, 13]
end

@testset "options" begin
    # One datum: f(x) = a sigma(w), and w goes to y/a.
    @test limit(flow(Model([1], [3]; outer_weights = 2), [1])) ≈ [1.5] rtol = 1e-14
    # On the inactive side of a leaky neuron sigma(z) = z/2.
    leaky = Model(-ones(1, 1), [-0.5]; activation = :leaky_relu, slope = 0.5)
    @test limit(flow(leaky, [2.0])) ≈ [1.0] rtol = 1e-14
    # The limit of a linear neuron is the weighted least squares solution.
    X, y, c = [1.0 2; -3 1; 0.5 -1; 2 0.25], [1.0, 2, -1, 0.5], [1.0, 2, 0.5, 3]
    linear = Model(X, y; activation = :linear, weights = c)
    @test limit(flow(linear, [0, 0])) ≈ (sqrt.(c) .* X) \ (sqrt.(c) .* y) rtol = 1e-13
    # Arrays that are none of the library's business are left alone.
    @test X == [1.0 2; -3 1; 0.5 -1; 2 0.25] && c == [1.0, 2, 0.5, 3]
    limited = flow(readme_model(event_limit = 1), [4, 2])
    @test status(limited) == :event_limit && length(events(limited)) == 1
    silent = flow(readme_model(recording = false), [4, 2])
    @test limit(silent) == limit(flow(readme_model(), [4, 2]))
    @test raises(() -> at(silent, 0.5), ReluFlow.RF_ERROR_STATE)
    @test raises(() -> events(silent), ReluFlow.RF_ERROR_STATE)
    @test limit(flow(readme_model(threads = 2), [4, 2])) == limit(flow(readme_model(), [4, 2]))
    # A bias is a column of ones.
    x, t = [-0.75, -0.5, 0.125], [1.1, 0.1, 0.8]
    by_hand = flow(Model([x ones(3)], t), [0.5, 0.5])
    @test limit(flow(Model(reshape(x, 3, 1), t; bias = true), [0.5, 0.5])) == limit(by_hand)
end

@testset "what is refused" begin
    R = ReluFlow
    @test raises(() -> Model([1 NaN; 1 2], [1, 2]), R.RF_ERROR_NOT_FINITE)
    @test raises(() -> Model([1 2; 1 2], [1, Inf]), R.RF_ERROR_NOT_FINITE)
    @test raises(() -> Model(zeros(0, 2), Float64[]), R.RF_ERROR_SIZE)
    @test raises(() -> Model(zeros(2, 0), [1, 2]), R.RF_ERROR_SIZE)
    @test raises(() -> readme_model(weights = [1, 2]), R.RF_ERROR_SIZE)
    @test raises(() -> readme_model(weights = [1, 2, -1]), R.RF_ERROR_ARGUMENT)
    @test raises(() -> readme_model(activation = :leaky_relu, slope = 1), R.RF_ERROR_ARGUMENT)
    @test raises(() -> readme_model(outer_weights = [1, 0]), R.RF_ERROR_ARGUMENT)
    @test raises(() -> readme_model(threads = 0), R.RF_ERROR_ARGUMENT)
    @test raises(() -> readme_model(event_limit = -1), R.RF_ERROR_ARGUMENT)
    @test_throws DimensionMismatch Model([1 2; 3 4], [1, 2, 3])
    @test_throws ArgumentError readme_model(activation = :tanh)
    @test_throws DimensionMismatch flow(readme_model(), [1, 2, 3])
    @test_throws DimensionMismatch flow(readme_model(bias = true), [1, 2])
    @test_throws DimensionMismatch evaluate(readme_model(), [1])
    @test raises(() -> flow(readme_model(), [1, NaN]), R.RF_ERROR_NOT_FINITE)
    @test raises(() -> evaluate(readme_model(), [1, 2], :time), R.RF_ERROR_ARGUMENT)
    @test_throws ArgumentError evaluate(readme_model(), [1, 2], :lossy)
    error = try Model([1 2; 3 NaN], [1, 2]) catch e e end
    @test error.call == :rf_model_create_ex && occursin("X[1][1]", error.message)
    text = sprint(showerror, error)
    @test occursin("RF_ERROR_NOT_FINITE", text) && occursin("count from 0", text)
end
