# test_landscape.jl: the stationary points in the plane.
# SPDX-License-Identifier: MIT

@testset "the landscape of the README's data" begin
    points = landscape(readme_model())
    @test points[1].kind == ReluFlow.POINT_ORIGIN && points[1].w == (0.0, 0.0)
    @test points[1].loss ≈ sum(y3 .^ 2) / 2 rtol = 1e-14
    minimum = only(filter(p -> p.kind == ReluFlow.INTERIOR_MINIMUM, points))
    @test collect(minimum.w) ≈ [11, -2] rtol = 1e-13
    @test minimum.loss ≈ 60.5 rtol = 1e-13
    @test minimum.datum == 0 && minimum.stationary
    # Every limit is one of the points.
    for angle in range(0, 2pi; length = 17)
        w = limit(flow(readme_model(), [cos(angle), sin(angle)]))
        l = evaluate(readme_model(), w)
        @test any(p -> isapprox(p.loss, l; rtol = 1e-10), points)
    end
end

@testset "a kink" begin
    # Data (1, 0) and (0, 1), labels 1 and -1: the minimum with w2 < 0 is flat, on the kink of the
    # second datum stands nothing that is not part of it.
    points = landscape(Model([1 0; 0 1], [1, -1]))
    flat = only(filter(p -> p.kind == ReluFlow.FLAT_MINIMUM, points))
    @test flat.w == (1.0, 0.0)
    @test abs.(flat.direction) == (0.0, 1.0)
    @test any(isinf, flat.range) && any(iszero, flat.range)
    # Datum numbers are rows, from 1.
    @test all(p -> 0 <= p.datum <= 2, points)
    kinks = filter(p -> p.datum > 0, landscape(Model([1 1; 1 0; 0 1; -1 2], [9, 11, -11, 2])))
    for p in kinks
        @test abs([1 1; 1 0; 0 1; -1 2][p.datum, :]' * collect(p.w)) < 1e-12
    end
end

@testset "what is refused" begin
    @test raises(() -> landscape(Model(ones(2, 3), [1, 2])), ReluFlow.RF_ERROR_SIZE)
    @test raises(() -> landscape(readme_model(outer_weights = [1, 1])), ReluFlow.RF_ERROR_STATE)
end
