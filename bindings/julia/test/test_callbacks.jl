# test_callbacks.jl: functions that the library calls; exceptions and Ctrl-C pass through unharmed.
# SPDX-License-Identifier: MIT

@testset "callbacks see every event and may stop" begin
    seen = ReluFlow.Event[]
    whole = flow(readme_model(), [4, 2]; callback = (run, event) -> push!(seen, event))
    @test seen == events(whole)
    # Inside, the trajectory is after the event.
    zero_margin = Float64[]
    run = flow(readme_model(), [4, 2]; callback = function (run, event)
        push!(zero_margin, query(run, :margins)[3])
        return true
    end)
    @test zero_margin == [0.0]
    @test status(run) == :stopped && length(events(run)) == 1
    @test query(run, :time) == seen[1].time
    @test limit(integrate!(run)) == limit(whole)
    @test events(run) == seen
    # What is not true does not stop.
    for answer in (nothing, false, 1, "yes")
        @test isconverged(flow(readme_model(), [4, 2]; callback = (run, event) -> answer))
    end
    steps = gd(readme_model(), [4, 2]; eta = 0.1, steps = 100, callback = (run, event) -> true)
    @test status(steps) == :stopped && query(steps, :time) ≈ events(steps)[1].time
end

@testset "an exception of a callback comes out of the run" begin
    run = start(readme_model(), [4, 2])
    @test_throws DomainError integrate!(run; callback = (run, event) -> throw(DomainError(1)))
    @test length(events(run)) == 1
    @test limit(integrate!(run)) ≈ [11, -2] rtol = 1e-13
    # Inside, the trajectory must not be moved.
    inner = Ref{Any}(nothing)
    flow(readme_model(), [4, 2]; callback = function (run, event)
        inner[] = try integrate!(run) catch e e end
        return true
    end)
    @test inner[] isa RfError && inner[].status == ReluFlow.RF_ERROR_STATE
end

@testset "Ctrl-C; threads" begin
    # In a process of its own: a callback sends the signal, a later event finds it.  Then runs on
    # several threads of Julia at once find what they find one by one, callbacks included.
    script = """
        using ReluFlow
        Base.exit_on_sigint(false)
        X = [sin(7.0 * i * k) for i = 1:200, k = 1:4]
        y = [abs(cos(3.0 * i)) for i = 1:200]
        seen = Ref(0)
        function interrupt(run, event)
            seen[] += 1
            seen[] == 3 && ccall(:kill, Cint, (Cint, Cint), getpid(), 2)
            seen[] >= 3 && Libc.systemsleep(0.05)
            return false
        end
        run = start(Model(X, y), [1, 1, 1, 1])
        try
            integrate!(run; callback = interrupt)
            println("not interrupted")
        catch e
            println(e isa InterruptException, " ", isconverged(run), " ", length(events(run)) < 20)
        end
        println(isconverged(integrate!(run)))
        model = Model(X, y)
        counts = zeros(Int, 100)
        ends = Vector{Vector{Float64}}(undef, 100)
        Threads.@threads for i = 1:100
            count_event(run, event) = (counts[i] += 1; false)
            ends[i] = limit(flow(model, [sin(i * k) for k = 1:4]; callback = count_event))
        end
        alone = [flow(model, [sin(i * k) for k = 1:4]) for i = 1:100]
        println(Threads.nthreads(), ends == limit.(alone), counts == length.(events.(alone)))
        """
    project = dirname(@__DIR__)
    julia = `$(Base.julia_cmd()) --startup-file=no --project=$project --threads=2`
    said = read(`$julia -e $script`, String)
    @test split(said) == ["true", "false", "true", "true", "2truetrue"]
end

@testset "nothing is closed while it runs" begin
    X, y = [1 1; 1 0; 0 1], [9, 11, -11]
    run, closed = start(Model(X, y), [4, 2]), Ref(0)
    function shut(object)
        try
            close(object)
        catch e
            closed[] += e isa ArgumentError && occursin("is running", e.msg)
        end
        return false
    end
    integrate!(run; callback = (r, event) -> shut(r))
    @test closed[] == 2 && isconverged(run)
    leave_one_out(run, [1]; progress = (done, total) -> shut(run))
    @test closed[] == 3
    many = Sweep(Model(X, y), [1.0, 1.0], [1.0])
    integrate!(many; progress = (done, total) -> shut(many))
    @test closed[] > 3 && isopen(many)
    close.((run, many))
    @test !isopen(run) && !isopen(many)
end

@testset "a history that outgrows the memory" begin
    free, first = ReluFlow.FREE_MEMORY[], ReluFlow.FIRST_LOOK[]
    @test ReluFlow.system_memory() > 2^20
    try
        ReluFlow.FREE_MEMORY[], ReluFlow.FIRST_LOOK[] = () -> 200.0, 2
        run = start(readme_model(), [4, 2])
        @test raises(() -> integrate!(run), ReluFlow.RF_ERROR_MEMORY)
        @test length(events(run)) == 2 && isopen(run)
        # A run that does not record goes on.
        @test isconverged(flow(readme_model(; recording = false), [4, 2]))
    finally
        ReluFlow.FREE_MEMORY[], ReluFlow.FIRST_LOOK[] = free, first
    end
    @test limit(flow(readme_model(), [4, 2])) ≈ [11, -2] rtol = 1e-13
end
