# test_show.jl: what is seen at the prompt.
# SPDX-License-Identifier: MIT

plain(x) = sprint(show, MIME("text/plain"), x)

@testset "models" begin
    @test plain(readme_model()) == "Model: 1 ReLU neuron, 3 data in R²"
    @test plain(Model(ones(1, 10), [1]; bias = true, activation = :linear)) ==
          "Model: 1 linear neuron, 1 datum in R¹¹ (the last a bias)"
    @test plain(readme_model(outer_weights = [1, -1])) == "Model: 2 ReLU neurons, 3 data in R²"
    @test occursin("slope 0.25", plain(readme_model(activation = :leaky_relu, slope = 0.25)))
    @test occursin("borrowed", plain(Model(ones(2, 3)', ones(3); borrow = true)))
end

@testset "trajectories" begin
    run = flow(readme_model(), [4, 2])
    text = plain(run)
    for part in ("Gradient flow of 1 ReLU neuron on 3 data in R²", "certified limit",
                 "[11.0, -2.0]", "60.5", "t = 0.223144  datum 3 slide_enter",
                 "t = 0.916291  datum 3 slide_exit_inactive")
        @test occursin(part, text)
    end
    @test string(run) == "Trajectory(t = Inf, 2 events, loss 60.5)"
    @test occursin("at t = 0.5, status :ok", plain(flow(readme_model(), [4, 2]; t = 0.5)))
    @test startswith(plain(gd(readme_model(), [4, 2]; eta = 0.1, steps = 2)), "Gradient descent")
    @test occursin("events  2", plain(flow(readme_model(recording = false), [4, 2])))
    @test occursin("ambiguous", plain(flow(readme_model(), [0, 0])))
    X = [sin(7.0 * i * k) for i = 1:60, k = 1:12]
    many = flow(Model(X, abs.(X[:, 1])), ones(12))
    @test occursin("the last of them", plain(many))
    @test occursin("…", plain(many))
    @test length(split(plain(many), '\n')) == 10
end

@testset "the others" begin
    @test occursin("certified", plain(certificate(flow(readme_model(), [4, 2]))))
    @test occursin("decreases from t = 0.0", plain(certificate(flow(Model([1 0], [1]), [2, 0]))))
    @test string(sweep(readme_model(), [1 2; 0.5 1], [1, 2, 3])) ==
          "Sweep: 2 directions × 3 scales, status :ok"
    @test string(landscape(readme_model())[1]) == "point_origin at (0.0, 0.0), loss 161.5"
    inner = flow(Model([1 0; -1 1], [1, 0.1]); direction = [0.5, 1])
    @test all(e -> startswith(string(e), e.inner ? "s = " : "t = "), events(inner))
    @test startswith(string(events(inner)[1]), "s = 0.625  datum 2 deactivate")
end

@testset "every exported name has its documentation" begin
    for name in names(ReluFlow)
        text = string(Base.Docs.doc(Base.Docs.Binding(ReluFlow, name)))
        @test !occursin("No documentation found", text)
    end
    for d in ReluFlow.DECLARATIONS
        text = string(Base.Docs.doc(Base.Docs.Binding(ReluFlow, d.name)))
        @test occursin(string(d.name), text) && occursin("reference", text)
    end
end
