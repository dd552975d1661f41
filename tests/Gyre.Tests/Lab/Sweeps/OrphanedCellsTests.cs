using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Sweeps;

public sealed class OrphanedCellsTests : IDisposable
{
    private static readonly string[] Edges =
    [
        "sweep.seeds=2",
        "sweep.axes.training.learning_rate={values=[0.4,0.8],unit=\"edge\"}",
    ];

    private readonly TemporaryFolder _root = new();

    private SweepFolder Folder => new(_root["quick"]);

    public void Dispose() => _root.Dispose();

    [Theory]
    [InlineData("sweep.seeds=3")]
    [InlineData("sweep.axes.training.learning_rate=[0.2,0.4,0.8]")]
    [InlineData("sweep.reductions=[{step=7,factor=0.5}]")]
    [InlineData("run.keep_checkpoints=7")]
    public void What_adds_cells_or_none_is_no_change(string set)
    {
        Lay(begun: 4, measured: true);
        Begin([.. Edges, set]);
        OrphanedCells.Refuse(Folder, Plan([.. Edges, set]));
    }

    [Theory]
    [InlineData("training.steps=77", 4, "training.steps = 60 there, 77 here")]
    [InlineData("sweep.seeds=1", 2, "seed = 1 there, 0 here")]
    [InlineData("sweep.axes.training.learning_rate=[0.4]", 2, "training.learning_rate")]
    [InlineData("sweep.axes.training.learning_rate=[0.4,0.6]", 2, " or ")]
    [InlineData("model.widths=[9]", 4, "4 cells that these settings leave out")]
    public void What_leaves_cells_out_is_refused_before_anything_is_measured_and_after(
        string set,
        int orphans,
        string said
    )
    {
        Lay(begun: 4, measured: true);
        foreach (
            var refuse in (Action[])
                [() => Begin([.. Edges, set]), () => OrphanedCells.Refuse(Folder, Plan([.. Edges, set]))]
        )
        {
            var message = Assert.Throws<RunFolderException>(refuse).Message;
            Assert.Contains(said, message, StringComparison.Ordinal);
            Assert.Equal(
                orphans,
                message.Split('\n').Count(line => line.StartsWith("  quick-", StringComparison.Ordinal))
            );
        }
    }

    [Fact]
    public void A_cell_that_has_not_begun_is_no_loss()
    {
        Lay(begun: 1, measured: true);
        Assert.Single(OrphanedCells.Find(Folder, Plan([.. Edges, "training.steps=77"])));
        Assert.Contains(
            "has a cell that",
            Assert.Throws<RunFolderException>(() => Begin([.. Edges, "training.steps=77"])).Message,
            StringComparison.Ordinal
        );
        Lay(begun: 0, measured: true);
        Begin([.. Edges, "training.steps=77"]);
        OrphanedCells.Refuse(Folder, Plan([.. Edges, "training.steps=77"]));
    }

    /// <summary>What was measured may be lost: then the names of the cells are known only after it is measured
    /// again.</summary>
    [Fact]
    public void Where_the_measurements_are_lost_the_refusal_waits_for_them()
    {
        Lay(begun: 4, measured: false);
        Begin([.. Edges, "training.steps=77"]);
        Assert.Throws<RunFolderException>(() => OrphanedCells.Refuse(Folder, Plan([.. Edges, "training.steps=77"])));
        // of another start whatever the measurement
        Assert.Throws<RunFolderException>(() => Begin([.. Edges, "model.widths=[9]"]));
        OrphanedCells.Refuse(Folder, Plan(Edges));
    }

    [Fact]
    public void Folders_of_any_earlier_plan_are_listed_as_far_as_they_have_begun()
    {
        Lay(begun: 2, measured: true);
        Directory.CreateDirectory(Folder.Result("empty").Path);
        Folder
            .Attempt("quick-attempted", new AttemptNumber(1, 0))
            .Folder.Create(SpecText.Write(SpecReader.Read("quick")), SampleRecords.Environment);
        Assert.Equal(["quick-attempted"], OrphanedCells.Find(Folder, Plan(Edges)));
        Assert.Equal(3, OrphanedCells.Find(Folder, Plan([.. Edges, "training.steps=77"])).Count);
    }

    private static SweepPlan Plan(string[] sets) =>
        SweepSpecReader.Read("quick", sets) is var sweep ? SweepPlanner.Plan(sweep, 1, Measured(sweep), "") : null!;

    private static Dictionary<string, CalibrationRecord> Measured(SweepSpec sweep) =>
        SweepPlanner
            .SpecsToCalibrate(sweep, 1)
            .ToDictionary(Calibration.Id, spec => SampleRecords.Calibration(Calibration.Id(spec), 3 + spec.Seed));

    private void Begin(string[] sets)
    {
        var sweep = SweepSpecReader.Read("quick", sets);
        OrphanedCells.RefuseBefore(sweep, 1, SweepPlanner.SpecsToCalibrate(sweep, 1), Folder);
    }

    /// <summary>A sweep of four cells, of which so many have begun.</summary>
    private void Lay(int begun, bool measured)
    {
        if (Directory.Exists(Folder.Path))
            Directory.Delete(Folder.Path, recursive: true);
        using var writer = SweepWriter.Open(Folder);
        var plan = Plan(Edges);
        writer.Write(plan.Record, "");
        foreach (var probe in Measured(SweepSpecReader.Read("quick", Edges)).Values.Where(_ => measured))
            writer.Append(probe);
        foreach (var cell in plan.Cells.Take(begun))
            Folder.Result(cell.Record.Folder).Create(SpecText.Write(cell.Spec), SampleRecords.Environment);
    }
}
