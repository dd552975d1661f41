using Gyre.Lab.Curvature;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Theory;
using Gyre.Spectral;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.DeviceChecks;

/// <summary>Checks whole runs, through files and checkpoints.</summary>
internal static class RunChecks
{
    private static readonly string[] Small =
    [
        "data.name=two-moons",
        "data.samples=40",
        "objective.chunk=15",
        "model.widths=[8]",
        "training.steps=8",
        "training.learning_rate=0.05",
        "training.evaluate_every=4",
        "curvature.every=3",
        "curvature.burst=3",
        "curvature.pairs=2",
        "threads=1",
        "curvature.trace_probes=2",
        "curvature.resolve=true",
    ];

    private static readonly string[] Exact =
    [
        "data.name=targets",
        "data.targets=[1.0]",
        "model.name=diagonal-linear",
        "model.start=[3.01,0.299]",
        "objective.loss=squared-error",
        "dtype=float64",
        "training.learning_rate=0.261",
        "training.steps=60",
        "training.evaluate_every=0",
        "curvature.every=3",
        "curvature.burst=3",
        "curvature.pairs=1",
        "curvature.basis=4",
        "threads=1",
    ];

    public static IReadOnlyList<DeviceCheck> All { get; } =
    [
        new(
            "closed form",
            "losses and sharpness of a diagonal linear network through an instability against the exact descent",
            1e-8,
            ExactDescentError
        ),
        new(
            "run against processor",
            "losses of eight float64 steps against the same run on the processor",
            1e-9,
            ProcessorError
        ),
        .. new[] { "gd", "adam", "sgd", "sam" }.Select(rule => new DeviceCheck(
            $"resume, {rule}",
            "files of a run stopped at every other step that differ from those of an uninterrupted one",
            0,
            device => ResumeError(device, rule)
        )),
        new("reads per step", "values that the host waits for per step without measurement", 1, ReadsError),
        new("memory", "megabytes by which 200 steps with products grow after 100", 16, MemoryError),
    ];

    private static double ExactDescentError(Device device)
    {
        using var folder = new CheckFolder();
        var run = Execute(Spec(device, Exact), folder.Create("exact"));
        var points = ExactDescent.Follow(new DiagonalLinearNetwork(2, [1]), [3.01, 0.299], 0.261, 60).Points;
        var losses = run.ReadSteps()
            .Zip(points, (step, point) => Math.Abs(step.Loss - point.Loss) / points[0].Loss)
            .Max();
        var sharpness = run.ReadCurvature()
            .Max(record => Math.Abs(record.Sharpness - points[(int)record.Step].Sharpness) / points[0].Sharpness);
        return Math.Max(losses, sharpness);
    }

    private static double ProcessorError(Device device)
    {
        using var folder = new CheckFolder();
        var (here, there) = (
            Execute(Spec(device, [.. Small, "dtype=float64"]), folder.Create("here")),
            Execute(Spec(CPU, [.. Small, "dtype=float64"]), folder.Create("there"))
        );
        return Apart.Relative(
            here.ReadSteps().Select(step => step.Loss).Concat(here.ReadCurvature().Select(record => record.Sharpness)),
            there.ReadSteps().Select(step => step.Loss).Concat(there.ReadCurvature().Select(record => record.Sharpness))
        );
    }

    private static double ResumeError(Device device, string rule)
    {
        using var folder = new CheckFolder();
        var spec = Spec(device, [.. Small, $"optimizer.name={rule}", "optimizer.batch=12"]);
        var (whole, stopped) = (folder.Create("whole"), folder.Create("stopped"));
        Execute(spec, whole);
        var sessions = 1;
        for (; sessions < 20; sessions++)
        {
            using var stop = new CancellationTokenSource();
            if (Run.Execute(spec, stopped, "gpu-check", new StopsInTheMidst(stop), stop.Token) == RunEnd.Done)
                break;
        }
        if (sessions < 3)
            throw new InvalidOperationException(
                $"The run was stopped {sessions - 1} times; it should have been more often."
            );
        return whole
            .Replayed.Append(whole.Summary)
            .Zip(stopped.Replayed.Append(stopped.Summary))
            .Count(files => !File.ReadAllBytes(files.First).AsSpan().SequenceEqual(File.ReadAllBytes(files.Second)));
    }

    private static double ReadsError(Device device)
    {
        using var problem = new CheckProblem(device);
        var most = 0L;
        foreach (var rule in new[] { "gd", "polyak", "nesterov", "rmsprop", "adam", "adamw", "clipped-adam" })
        {
            using var optimizer = OptimizerCatalog.Make(
                problem.Objective,
                new OptimizerOptions
                {
                    Name = rule,
                    ClipNorm = 1e-3,
                    PreconditionerHigh = 1,
                }
            );
            for (var step = 0; step < 3; step++)
            {
                using var scope = NewDisposeScope();
                var before = Host.Reads;
                optimizer.Step(step, problem.Objective.Evaluate(), 1e-3);
                most = Math.Max(most, Host.Reads - before);
            }
        }
        return most;
    }

    private static double MemoryError(Device device)
    {
        using var problem = new CheckProblem(device, dtype: ScalarType.Float32, samples: 200, chunk: 90);
        using var optimizer = OptimizerCatalog.Make(problem.Objective, new OptimizerOptions { Name = "adam" });
        Steps(problem, optimizer, 0, 100);
        var (tensors, bytes) = (
            Tensor.TotalCount,
            NativeMemory.UsedBytes(device)
                ?? throw new InvalidOperationException("the driver does not report memory use")
        );
        Steps(problem, optimizer, 100, 300);
        if (Tensor.TotalCount != tensors)
            throw new InvalidOperationException(
                $"{Tensor.TotalCount - tensors} more tensors are alive than 200 steps before."
            );
        return Math.Max(0, NativeMemory.UsedBytes(device)!.Value - bytes) / 1e6;
    }

    private static void Steps(CheckProblem problem, Optimizer optimizer, int from, int to)
    {
        for (var step = from; step < to; step++)
        {
            using var scope = NewDisposeScope();
            using var graph = problem.Objective.Linearize(1L << 30);
            Lanczos.Solve(
                new HessianOperator(graph),
                new LanczosOptions
                {
                    Wanted = Wanted.Largest(1),
                    AngleToleranceDegrees = 10,
                    MaxProducts = 6,
                    Seed = step,
                }
            );
            optimizer.Step(step, graph.Value, 1e-3);
        }
    }

    private static RunReader Execute(RunSpec spec, RunFolder folder)
    {
        if (Run.Execute(spec, folder, "gpu-check", TimeProvider.System, CancellationToken.None) != RunEnd.Done)
            throw new InvalidOperationException("The run did not end.");
        return RunReader.Open(folder.Path);
    }

    private static RunSpec Spec(Device device, string[] sets) =>
        SpecReader.Read(
            "quick",
            [.. sets, $"device={(device.type == TorchSharp.DeviceType.CUDA ? DeviceNames.Cuda : "cpu")}"]
        );

    /// <summary>A temporary folder for the runs of a check, deleted on disposal.</summary>
    private sealed class CheckFolder : IDisposable
    {
        private readonly string _path = Directory.CreateTempSubdirectory("gyre-check-").FullName;

        public RunFolder Create(string name) => new(Path.Combine(_path, name));

        public void Dispose() => Directory.Delete(_path, recursive: true);
    }

    /// <summary>
    /// A clock that requests a stop after a fixed number of readings, in the middle of a run's steps.
    /// </summary>
    private sealed class StopsInTheMidst(CancellationTokenSource stop) : TimeProvider
    {
        private const int Readings = 12;
        private int _read;

        public override long GetTimestamp()
        {
            if (++_read == Readings)
                stop.Cancel();
            return base.GetTimestamp();
        }
    }
}
