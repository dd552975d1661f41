using System.Diagnostics;
using Gyre.Lab.Curvature;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Sweeps;

/// <summary>Measures the sharpness of a run at theta_0, which gives its edge, and the cost of its steps.</summary>
internal static class Calibration
{
    /// <summary>
    /// Products per measurement within a burst (bench/results.md); at theta_0, where eigenvalues are crowded, a solve
    /// takes many times as many.
    /// </summary>
    internal const int UsualProducts = 16;

    /// <summary>
    /// Returns the id of everything that determines a calibration: a run's spec without its learning rates, its
    /// length and its measurement schedule.
    /// </summary>
    public static string Id(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return SpecText.Id(
            spec with
            {
                Intervention = new(),
                Training = new TrainingSpec
                {
                    Steps = 1,
                    LearningRate = 1,
                    DecayTo = 1,
                    DecayEvery = 1,
                    DivergenceMultiple = 2,
                    DivergenceSteps = 1,
                    EvaluateEvery = 0,
                },
                Curvature = spec.Curvature with
                {
                    Every = 0,
                    EveryTime = 0,
                    Burst = 1,
                    Resolve = false,
                    ResolveEvery = 1,
                    TraceProbes = 0,
                    Follow = FollowSpec.None,
                },
                Instability = new InstabilitySpec { ResolvedBelow = 1 },
            }
        );
    }

    /// <summary>
    /// Measures in this process: three gradients, one full solve and three short ones, and two evaluations of the
    /// test set.
    /// </summary>
    /// <exception cref="Data.DataException">The data cannot be used.</exception>
    /// <exception cref="Objectives.ObjectiveException">The objective cannot be trusted.</exception>
    /// <exception cref="SpecException">The memory of this machine is insufficient for the run.</exception>
    /// <exception cref="LibTorchException">There is no usable libtorch.</exception>
    public static CalibrationRecord Measure(RunSpec spec, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(time);
        return ModelFault.Named(spec, () => At(spec, time));
    }

    private static CalibrationRecord At(RunSpec spec, TimeProvider time)
    {
        var began = Process.GetCurrentProcess().StartTime;
        var here = RunEngine.Begin(spec);
        using var scope = NewDisposeScope();
        using var setup = new RunSetup(here);
        RunNeeds.RequireMemory(setup);
        setup.Objective.SelfCheck();
        var gradient = Seconds(() => setup.Objective.Evaluate(), 3);
        var options = new LanczosOptions
        {
            Wanted = Wanted.Largest(spec.Curvature.Pairs),
            AngleToleranceDegrees = spec.Curvature.AngleToleranceDegrees,
            MaxProducts = spec.Curvature.MaxProducts,
            Basis = spec.Curvature.Basis,
            Seed = Seeds.For(spec.Seed, Purpose.SolverStart),
        };
        // Every run begins with this solve: from a random start, with crowded eigenvalues, and with code that is not
        // compiled yet.
        var solution = Solve(setup, options);
        var start = (time.GetLocalNow().DateTime - began).TotalSeconds;
        var usual = options with { MaxProducts = Math.Min(UsualProducts, options.MaxProducts) };
        var measurement = Seconds(() => Solve(setup, usual), 3);
        var evaluation = Seconds(() => setup.Evaluate(), 2);
        return new CalibrationRecord(
            Id(spec),
            solution.Values[0],
            solution.Residuals[0],
            setup.Objective.Layout.Dimension,
            gradient,
            measurement,
            evaluation,
            start,
            (long)(MachineMemory.TryReadProcess(Environment.ProcessId)?.Peak ?? 0)
        );
    }

    /// <summary>Returns the calibration that a process wrote as its last line; null if it failed.</summary>
    public static CalibrationRecord? Answer(ChildEnd end)
    {
        ArgumentNullException.ThrowIfNull(end);
        return end.ExitCode == 0
            ? end
                .LastLines.Select(line => RunJson.Read<CalibrationRecord>(System.Text.Encoding.UTF8.GetBytes(line)))
                .LastOrDefault(calibration => calibration?.Id is not null)
            : null;
    }

    private static EigenSolution Solve(RunSetup setup, LanczosOptions options)
    {
        using var scope = NewDisposeScope();
        using var graph = setup.Objective.Linearize(setup.Spec.Objective.CacheBytes);
        var hessian = new HessianOperator(graph);
        var solution = setup.Optimizer.Preconditioner(0, graph.Value) is { } preconditioner
            ? Lanczos.Solve(new CongruentOperator(hessian, preconditioner.rsqrt()), options)
            : Lanczos.Solve(hessian, options);
        solution.Vectors.MoveToOuterDisposeScope();
        return solution;
    }

    /// <summary>Returns the fastest of several timings, because disturbances only make a timing longer.</summary>
    private static double Seconds(Action act, int times)
    {
        var best = double.PositiveInfinity;
        for (var i = 0; i < times; i++)
        {
            var start = Stopwatch.GetTimestamp();
            act();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }
        return best;
    }
}
