using System.Text.Json;
using Gyre.Lab.DeviceChecks;
using Gyre.Lab.Inspection;
using Gyre.Lab.Interventions;
using Gyre.Lab.Landscape;
using Gyre.Lab.Monitoring;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Spectral;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.DeviceChecks;

/// <summary>
/// Whatever device a spec names, every tensor is made there or on the processor, by name: nothing changes where
/// libtorch's default device is another.
/// </summary>
public sealed class DefaultDeviceTests : IDisposable
{
    private static readonly string[] Short =
    [
        "data.name=two-moons",
        "data.samples=40",
        "objective.chunk=15",
        "model.widths=[8]",
        "training.steps=7",
        "training.learning_rate=0.02",
        "curvature.every=3",
        "curvature.burst=3",
        "curvature.pairs=2",
        "threads=1",
        "training.evaluate_every=3",
        "device=cpu",
    ];

    private static readonly string[] Images =
    [
        "data.name=fashion-mnist",
        "data.samples=16",
        "data.subset=first",
        "training.steps=2",
        "training.learning_rate=0.01",
        "training.evaluate_every=0",
        "curvature.every=2",
        "curvature.burst=1",
        "curvature.pairs=1",
        "curvature.max_products=5",
        "threads=1",
        "device=cpu",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string[]> Cases { get; } =
    [
        .. OptimizerCatalog.Names.Select(name =>
            (string[])
                [
                    .. Short,
                    $"optimizer.name={name}",
                    "optimizer.batch=12",
                    "optimizer.preconditioner_high=0.01",
                    "optimizer.clip_norm=" + (name == "gradient-flow" ? "0" : "0.5"),
                ]
        ),
        .. InterventionCatalog
            .Names.Skip(1)
            .Select(name => (string[])[.. Short, $"intervention.name={name}", "intervention.pairs=2"]),
        (string[])[.. Short, "curvature.at=midpoint", "objective.weight_decay=0.01", "objective.loss=squared-error"],
        (string[])
            [.. Short, "training.edge_rate=1.2", "training.edge_window=1", "curvature.every=2", "curvature.burst=1"],
        (string[])[.. Short, "optimizer.name=sgd", "optimizer.batch=7", "curvature.batch_probes=3"],
        (string[])
            [
                .. Short,
                "curvature.self_stabilisation=true",
                "curvature.resolve=true",
                "curvature.trace_probes=2",
                "dtype=float64",
            ],
        (string[])[.. Short, "curvature.operator=gauss-newton", "run.eigenvectors_mb=0", "objective.cache_mb=0"],
        (string[])[.. Short, "data.name=chebyshev", "objective.loss=squared-error"],
        (string[])[.. Short, "data.memory_mb=0", "data.label_noise=0.2"],
        (string[])
            [
                .. Short,
                "data.name=targets",
                "data.targets=[1.0,0.5]",
                "model.name=diagonal-linear",
                "objective.loss=squared-error",
                "model.start=[1.5,0.7,0.8,0.6]",
            ],
        (string[])
            [
                .. Short,
                "data.name=text",
                "data.context=6",
                "data.samples=20",
                "model.name=sequence-transformer",
                "model.width=8",
                "model.heads=2",
            ],
        (string[])[.. Images, "model.name=cnn", "model.widths=[3,2]", "model.norm=batch"],
        (string[])[.. Images, "model.name=resnet", "model.depth=8", "model.width=2"],
        (string[])[.. Images, "model.name=vit", "model.depth=1", "model.width=8", "model.heads=2"],
        (string[])[.. Images, "model.name=deep-linear", "model.widths=[5]", "model.initialisation=lecun-normal"],
        (string[])[.. Short, "data.name=arrays", "data.samples=0", "model.name=torchscript"],
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void No_tensor_of_a_run_is_made_on_the_default_device(string[] sets)
    {
        var spec = SpecReader.Read("quick", [.. sets, .. Files(sets)]);
        Assert.Equal(
            RunEnd.Done,
            Run.Execute(spec, new RunFolder(_folder["usual"]), "test", TimeProvider.System, CancellationToken.None)
        );
        using (DefaultDevice.Meta())
        {
            var end = RunEnd.Interrupted;
            for (var session = 0; end == RunEnd.Interrupted && session < 20; session++)
            {
                using var stop = new CancellationTokenSource();
                end = Run.Execute(
                    spec,
                    new RunFolder(_folder["meta"]),
                    "test",
                    new StopsAfterReadings(stop, sets.Contains("model.name=torchscript") ? int.MaxValue : 12),
                    stop.Token
                );
            }
        }
        TestContext.Current.TestOutputHelper?.WriteLine(
            string.Join(' ', spec.Optimizer.Name, sets[^3], sets[^2], sets[^1])
        );
        RunBytes.AssertSame(new RunFolder(_folder["usual"]), new RunFolder(_folder["meta"]));
    }

    [Fact]
    public void Nor_is_one_of_the_checks_that_a_device_must_pass()
    {
        using var meta = DefaultDevice.Meta();
        Assert.All(
            CheckCatalog.All.Select(check => check.Run(CPU, TimeProvider.System)),
            outcome => Assert.True(outcome.Passed, $"{outcome.Check.Name}: {outcome.Error} {outcome.Fault}")
        );
    }

    [Theory]
    [InlineData("hessian")]
    [InlineData("gauss-newton")]
    [InlineData("fisher")]
    public void Nor_one_of_an_inspection(string name)
    {
        string Inspected() =>
            JsonSerializer.Serialize(
                Inspector
                    .Inspect(
                        SpecReader.Read("quick", Short),
                        null,
                        "",
                        new InspectionOptions { Operator = name, Pairs = 2 },
                        _ => { },
                        CancellationToken.None
                    )
                    .Record with
                {
                    Seconds = 0,
                }
            );
        var usual = Inspected();
        using var meta = DefaultDevice.Meta();
        Assert.Equal(usual, Inspected());
    }

    [Fact]
    public void Nor_one_of_a_landscape()
    {
        Run.Execute(
            SpecReader.Read("quick", [.. Short, "training.learning_rate=0.5"]),
            new RunFolder(_folder["run"]),
            "test",
            TimeProvider.System,
            CancellationToken.None
        );
        string Drawn(string name)
        {
            Landscaper.Draw(
                RunReader.Open(_folder["run"]),
                new LandscapeOptions
                {
                    Step = 4,
                    Window = 3,
                    Grid = 3,
                    Line = 3,
                },
                new LandscapeFolder(_folder[name]),
                _ => { },
                (_, _) => { },
                CancellationToken.None
            );
            return File.ReadAllText(Path.Combine(_folder[name], "points.jsonl"));
        }
        var usual = Drawn("usual");
        using var meta = DefaultDevice.Meta();
        Assert.Equal(usual, Drawn("meta"));
    }

    [Fact]
    public void Nor_one_of_a_monitor()
    {
        using var problem = new TinyProblem();
        double[] Observed()
        {
            using var monitor = new CurvatureMonitor(
                problem.Model,
                (outputs, labels) => nn.functional.cross_entropy(outputs, labels),
                problem.Inputs,
                problem.Labels,
                new() { Chunk = 5, Pairs = 3 }
            );
            return [.. monitor.Observe(0, 0.1)!.Eigenvalues];
        }
        var usual = Observed();
        using var meta = DefaultDevice.Meta();
        Assert.Equal(usual, Observed());
    }

    [Fact]
    public void Nor_one_of_power_iteration()
    {
        using var scope = NewDisposeScope();
        using var diagonal = tensor(new[] { 3.0, 2, 1, 0.5 });
        var usual = PowerIteration.Solve(new DiagonalOperator(diagonal), 2).Values;
        using var meta = DefaultDevice.Meta();
        Assert.Equal(usual, PowerIteration.Solve(new DiagonalOperator(diagonal), 2).Values);
    }

    private string[] Files(string[] sets)
    {
        if (sets.Contains("data.name=text"))
        {
            File.WriteAllText(
                _folder["t.txt"],
                string.Concat(Enumerable.Range(0, 400).Select(i => (char)('a' + i * i % 7)))
            );
            return [$"data.path=\"{_folder["t.txt"]}\""];
        }
        if (!sets.Contains("data.name=arrays"))
            return [];
        foreach (var name in new[] { "x.npy", "y.npy" })
            File.Copy(ExportedNetworks.File(name), _folder[name]);
        return [$"data.path=\"{_folder.Path}\"", $"model.file=\"{ExportedNetworks.File("traced.pt")}\""];
    }
}
