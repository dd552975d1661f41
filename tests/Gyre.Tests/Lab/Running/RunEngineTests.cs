using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using TorchSharp;

namespace Gyre.Tests.Lab.Running;

/// <summary>Which device a run is on, what it remembers of it, and how often it waits for it.</summary>
public sealed class RunEngineTests : IDisposable
{
    private static readonly string[] Short =
    [
        "data.name=two-moons",
        "data.samples=20",
        "model.widths=[4]",
        "training.steps=3",
        "curvature.every=0",
        "threads=1",
        "training.evaluate_every=0",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("cpu", true, "cpu")]
    [InlineData("cpu", false, "cpu")]
    [InlineData("cuda", true, "cuda")]
    [InlineData("auto", true, "cuda")]
    [InlineData("auto", false, "cpu")]
    public void Auto_is_the_device_where_there_is_one(string asked, bool available, string used) =>
        Assert.Equal(used, RunEngine.DeviceOf(asked, available));

    [Fact]
    public void A_device_that_is_asked_for_and_not_there_is_said() =>
        Assert.Contains(
            "gyre doctor",
            Assert.Throws<LibTorchException>(() => RunEngine.DeviceOf("cuda", false)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void The_folder_of_an_auto_run_keeps_the_word_in_its_spec_and_the_device_in_its_environment()
    {
        Assert.SkipWhen(Cuda.IsAvailable, "Here auto is a CUDA device.");
        var spec = SpecReader.Read("quick", [.. Short, "device=auto"]);
        Run.Execute(spec, new RunFolder(_folder["run"]), "test", TimeProvider.System, CancellationToken.None);
        var run = RunReader.Open(_folder["run"]);
        Assert.Contains("device = \"auto\"", run.ReadSpecText(), StringComparison.Ordinal);
        Assert.Equal(
            ("cpu", null, null),
            (run.ReadEnvironment()!.Device, run.ReadEnvironment()!.DeviceName, run.ReadEnvironment()!.Tf32)
        );
        Assert.NotEqual(SpecText.Id(spec), SpecText.Id(SpecReader.Read("quick", [.. Short, "device=cpu"])));
    }

    [Fact]
    public void A_run_begun_on_another_device_does_not_go_on_here()
    {
        Assert.SkipWhen(Cuda.IsAvailable, "Here auto is a CUDA device.");
        var (spec, folder) = (SpecReader.Read("quick", [.. Short, "device=auto"]), new RunFolder(_folder["run"]));
        using var stop = new CancellationTokenSource();
        Assert.Equal(
            RunEnd.Interrupted,
            Run.Execute(spec, folder, "test", new StopsAfterReadings(stop, 6), stop.Token)
        );
        File.WriteAllText(
            folder.Environment,
            File.ReadAllText(folder.Environment)
                .Replace("\"device\": \"cpu\"", "\"device\": \"cuda\"", StringComparison.Ordinal)
        );
        var before = File.ReadAllBytes(folder.Steps);

        var refused = Assert.Throws<RunFolderException>(() =>
            Run.Execute(spec, folder, "test", TimeProvider.System, CancellationToken.None)
        );

        Assert.Contains(
            "was started on a CUDA device, but there is none here",
            refused.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(before, File.ReadAllBytes(folder.Steps));
    }

    /// <summary>
    /// Ids of before there were devices to choose from, written down then: folders of runs keep their names.
    /// </summary>
    [Fact]
    public void Keys_that_came_later_leave_the_ids_of_runs_without_them()
    {
        var spec = SpecReader.Read("quick", ["threads=2"]);
        Assert.Equal(Before, SpecText.Id(spec));
        Assert.NotEqual(
            SpecText.Id(spec with { Device = "cuda" }),
            SpecText.Id(spec with { Device = "cuda", Tf32 = true })
        );
    }

    // New on 2026-11-29: measurements start and follow the training otherwise, so that runs of before are not resumed
    // with them.
    private const string Before = "12c8a71db4";

    [Fact]
    public void TF32_is_for_float32_on_a_device()
    {
        Assert.Contains(
            "tf32",
            Assert.Throws<SpecException>(() => SpecReader.Read("quick", ["tf32=true"])).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "tf32",
            Assert
                .Throws<SpecException>(() => SpecReader.Read("quick", ["tf32=true", "device=cuda", "dtype=float64"]))
                .Message,
            StringComparison.Ordinal
        );
        Assert.True(SpecReader.Read("quick", ["tf32=true", "device=auto"]).Tf32);
        RunEngine.Begin(SpecReader.Read("quick", ["threads=1"]));
        Assert.False(torch.backends.cudnn.allow_tf32);
    }

    public static TheoryData<string> Rules => [.. OptimizerCatalog.Names];

    /// <summary>
    /// The whole of a step without measurement: one read of loss, accuracy and norm together. Rules that evaluate
    /// further gradients in a step read once for each.
    /// </summary>
    [Theory]
    [MemberData(nameof(Rules))]
    public void A_step_reads_the_device_once_for_each_gradient(string rule)
    {
        using var problem = new TinyProblem(weightDecay: 0.1, chunk: 5);
        using var optimizer = OptimizerCatalog.Make(
            problem.Objective,
            new OptimizerOptions
            {
                Name = rule,
                Batch = 4,
                ClipNorm = rule == "gradient-flow" ? 0 : 0.01,
                PreconditionerHigh = 1,
            }
        );
        var reads = Enumerable
            .Range(0, 4)
            .Select(step =>
            {
                using var scope = torch.NewDisposeScope();
                var before = Host.Reads;
                optimizer.Step(step, problem.Objective.Evaluate(), 0.01);
                return Host.Reads - before;
            })
            .Max();
        Assert.True(rule == "gradient-flow" || reads <= (rule is "sgd" or "sam" ? 2 : 1), $"{reads} reads");
    }

    /// <summary>
    /// One read for the coefficients and the length of the image, one for each pass of orthogonalisation.
    /// </summary>
    [Fact]
    public void A_product_of_a_solve_reads_the_device_three_times_at_most()
    {
        using var problem = new TinyProblem(widths: [20]);
        using var graph = problem.Objective.Linearize(1L << 30);
        using var scope = torch.NewDisposeScope();
        var options = new Gyre.Spectral.LanczosOptions
        {
            Wanted = Gyre.Spectral.Wanted.Largest(2),
            AngleToleranceDegrees = 1e-3,
            MaxProducts = 60,
            Seed = 1,
        };
        var before = Host.Reads;
        var solution = Gyre.Spectral.Lanczos.Solve(new Gyre.Lab.Curvature.HessianOperator(graph), options);
        var solve = 6; // its start, its last residuals, and the check of its basis
        Assert.InRange(Host.Reads - before, solution.Products, 3 * solution.Products + solve);
    }

    [Fact]
    public void On_a_device_whose_memory_nobody_counts_no_graph_is_kept_and_once_measured_the_plan_holds()
    {
        var plan = new CachePlan();
        Assert.False(new CacheBudget(1 << 30, torch.META, plan).Admits());
        plan.Chunks = 2;
        var planned = new CacheBudget(1 << 30, torch.META, plan);
        var kept = Enumerable.Range(0, 4).Select(_ => planned.Admits() && planned.Keeps()).ToArray();
        Assert.Equal([true, true, false, false], kept);
        Assert.True(new CacheBudget(1 << 30, torch.CPU, plan).Admits()); // the processor counts anew each time
    }
}
