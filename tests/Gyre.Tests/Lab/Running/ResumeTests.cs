using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Running;

/// <summary>
/// Whatever a rule, an intervention or a measurement remembers between steps is in the checkpoint: a run stopped again
/// and again ends with the bytes of one left alone.
/// </summary>
public sealed class ResumeTests : IDisposable
{
    private static readonly string[] Short =
    [
        "data.name=two-moons",
        "data.samples=40",
        "model.widths=[8]",
        "training.steps=7",
        "training.learning_rate=0.02",
        "curvature.every=3",
        "curvature.burst=3",
        "curvature.pairs=2",
        "threads=1",
        "training.evaluate_every=3",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string[]> Cases =>
        [
            .. OptimizerCatalog.Names.Select(name =>
                new[] { $"optimizer.name={name}", "optimizer.batch=12", "optimizer.preconditioner_high=0.01" }
            ),
            .. Gyre
                .Lab.Interventions.InterventionCatalog.Names.Skip(1)
                .Select(name => new[] { $"intervention.name={name}", "intervention.pairs=2" }),
            new[] { "curvature.at=midpoint" },
            new[] { "training.edge_rate=1.2", "training.edge_window=1", "curvature.every=2", "curvature.burst=1" },
            new[] { "optimizer.name=sgd", "optimizer.batch=7", "curvature.batch_probes=3" },
            new[]
            {
                "data.name=arrays",
                $"data.path=\"{ExportedNetworks.File("")}\"",
                "data.samples=0",
                "model.name=torchscript",
                $"model.file=\"{ExportedNetworks.File("traced.pt")}\"",
            },
        ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_run_stopped_at_every_other_step_ends_with_the_same_bytes(string[] sets)
    {
        var spec = SpecReader.Read("quick", [.. Short, .. sets]);
        Assert.Equal(
            RunEnd.Done,
            Run.Execute(spec, new RunFolder(_folder["whole"]), "test", TimeProvider.System, CancellationToken.None)
        );
        var sessions = 0;
        for (var end = RunEnd.Interrupted; end == RunEnd.Interrupted && sessions < 20; sessions++)
        {
            using var stop = new CancellationTokenSource();
            end = Run.Execute(
                spec,
                new RunFolder(_folder["stopped"]),
                "test",
                new StopsAfterReadings(stop, 12),
                stop.Token
            );
        }
        Assert.True(
            sessions is >= 3 and <= 8,
            $"{sessions} sessions:\n{File.ReadAllText(new RunFolder(_folder["stopped"]).Sessions)}"
        );
        RunBytes.AssertSame(new RunFolder(_folder["whole"]), new RunFolder(_folder["stopped"]));
        Assert.Equal(8, RunReader.Open(_folder["whole"]).ReadSteps().Count);
    }
}
