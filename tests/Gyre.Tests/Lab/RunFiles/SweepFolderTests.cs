using System.Text;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.RunFiles;

public class SweepFolderTests
{
    private static readonly SweepPlanRecord Plan = new(
        RunFolder.Format,
        "0",
        "mine",
        "gyre sweep",
        3,
        ["training.learning_rate"],
        [
            new(
                "mine-1",
                "eta 0.1",
                0,
                0.1,
                double.NaN,
                new Dictionary<string, string> { ["training.learning_rate"] = "0.1" }
            ),
            new(
                "mine-2",
                "eta 0.1 → 0.05 at step 3",
                0,
                0.1,
                0.2,
                new Dictionary<string, string>(),
                "mine-1",
                3,
                0.05,
                0.1
            ),
        ]
    );

    private static readonly CalibrationRecord Measured = new("abc", 3.5, 1e-6, 1000, 0.001, 0.01, 0.02, 1.5);

    [Fact]
    public void A_plan_reads_back_as_it_was_written()
    {
        using var folder = new TemporaryFolder();
        using var writer = SweepWriter.Open(new SweepFolder(folder["sweep"]));
        writer.Write(Plan, "name = \"mine\"\n");
        var again = SweepReader.Open(folder["sweep"]);
        Assert.Equal(RunJson.Pretty(Plan), RunJson.Pretty(again.Plan));
        Assert.Equal("name = \"mine\"\n", File.ReadAllText(writer.Folder.Spec));
        Assert.All(
            again.ReadCells(),
            cell => Assert.Equal((RunStatus.Missing, (RunReader?)null), (cell.Status, cell.Run))
        );
        Assert.Equal(["mine-1", "mine-2"], again.ReadCells().Select(cell => cell.Cell.Folder));
    }

    /// <summary>
    /// Renamed whole, a plan is torn only by a failing disk: then it is as if there were none, and the next command
    /// writes it.
    /// </summary>
    [Fact]
    public void A_plan_torn_at_any_byte_is_no_plan_and_is_written_again()
    {
        using var folder = new TemporaryFolder();
        var sweep = new SweepFolder(folder["sweep"]);
        using (var writer = SweepWriter.Open(sweep))
            writer.Write(Plan, "");
        var whole = File.ReadAllBytes(sweep.Plan);
        for (var length = 0; length < whole.Length - 2; length += 7)
        {
            File.WriteAllBytes(sweep.Plan, whole[..length]);
            Assert.Null(SweepReader.PlanOf(sweep));
            Assert.Contains(
                "writes it again",
                Assert.Throws<RunFolderException>(() => SweepReader.Open(sweep.Path)).Message,
                StringComparison.Ordinal
            );
        }
        using (var writer = SweepWriter.Open(sweep))
            writer.Write(Plan, "");
        Assert.Equal(2, SweepReader.Open(sweep.Path).Plan.Cells.Length);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"format":1,"name":"x","axes":[],"cells":[null]}""")]
    [InlineData("""{"format":1,"name":"x","axes":[],"cells":[{"folder":"a"}]}""")]
    public void What_is_json_and_no_plan_is_no_plan(string text)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["plan.json"], text);
        Assert.Null(SweepReader.PlanOf(new SweepFolder(folder.Path)));
    }

    [Fact]
    public void A_plan_of_a_newer_format_is_refused_by_name_even_where_its_fields_are_others_and_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        const string Newer = """{"format":2,"cells":"elsewhere"}""";
        File.WriteAllText(folder["plan.json"], Newer);
        foreach (
            var act in (Action[])
                [
                    () => SweepReader.Open(folder.Path),
                    () => SweepWriter.Open(new SweepFolder(folder.Path)).Dispose(),
                    () => SweepThreads.Decided(new SweepFolder(folder.Path)),
                ]
        )
        {
            var error = Assert.Throws<RunFolderException>(act);
            Assert.Contains(folder.Path, error.Message, StringComparison.Ordinal);
            Assert.Contains("format 2", error.Message, StringComparison.Ordinal);
        }
        Assert.Equal(Newer, File.ReadAllText(folder["plan.json"]));
    }

    [Fact]
    public void Torn_and_strange_lines_of_probes_and_log_are_left_out_and_the_next_line_is_whole()
    {
        using var folder = new TemporaryFolder();
        using var writer = SweepWriter.Open(new SweepFolder(folder["sweep"]));
        var sweep = writer.Folder;
        writer.Append(Measured with { Sharpness = 1 });
        writer.Append(new SweepLogRecord(DateTimeOffset.UnixEpoch, "planned"));
        foreach (var path in new[] { sweep.Calibrations, sweep.Log })
            File.AppendAllText(path, "{}\nnot json\nnull\n{\"id\":\"to");
        Assert.Equal(1, SweepReader.ReadCalibrations(sweep)["abc"].Sharpness);
        writer.Append(Measured);
        writer.Append(new SweepLogRecord(DateTimeOffset.UnixEpoch, "ended"));
        Assert.Equal(Measured, Assert.Single(SweepReader.ReadCalibrations(sweep)).Value); // the later of an id counts
        Assert.EndsWith("}\n", File.ReadAllText(sweep.Log), StringComparison.Ordinal);
        writer.Write(Plan, "");
        Assert.Equal(
            ["planned", "ended"],
            SweepReader.Open(sweep.Path).ReadLog().Where(entry => entry.Kind is not null).Select(entry => entry.Kind)
        );
    }

    [Fact]
    public void A_second_writer_is_refused()
    {
        using var folder = new TemporaryFolder();
        using var first = SweepWriter.Open(new SweepFolder(folder["sweep"]));
        var error = Assert.Throws<RunFolderException>(() => SweepWriter.Open(new SweepFolder(folder["sweep"])));
        Assert.True(error.Busy);
        Assert.Contains("Another process works on", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_made_for_a_sweep_that_came_to_nothing_is_taken_back_and_nothing_else()
    {
        using var folder = new TemporaryFolder();
        using (var fresh = SweepWriter.Open(new SweepFolder(folder["a/b/sweep"])))
        {
            fresh.Append(Measured);
            fresh.Withdraw();
        }
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        using (var beside = SweepWriter.Open(new SweepFolder(folder["a/b/sweep"])))
        {
            File.WriteAllText(folder["a/b/mine"], "");
            beside.Withdraw();
        }
        Assert.Equal([folder["a/b/mine"]], Directory.GetFileSystemEntries(folder["a/b"]));
        using (var planned = SweepWriter.Open(new SweepFolder(folder["a/b/sweep"])))
        {
            planned.Write(Plan, "");
            planned.Withdraw();
        }
        Assert.True(new SweepFolder(folder["a/b/sweep"]).Exists);
        using (var again = SweepWriter.Open(new SweepFolder(folder["a/b/sweep"])))
            again.Withdraw();
        Assert.True(new SweepFolder(folder["a/b/sweep"]).Exists);
    }

    [Fact]
    public void A_sweep_below_a_file_is_refused_with_its_name()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        Assert.Contains(
            $"{folder["file"]} is a file",
            Assert.Throws<RunFolderException>(() => SweepWriter.Open(new SweepFolder(folder["file/sweep"]))).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_threads_of_a_sweep_are_those_of_its_plan_or_where_that_is_damaged_of_its_cells()
    {
        using var folder = new TemporaryFolder();
        var sweep = new SweepFolder(folder["sweep"]);
        Assert.Null(SweepThreads.Decided(sweep));
        using var writer = SweepWriter.Open(sweep);
        Assert.Null(SweepThreads.Decided(sweep));
        writer.Write(Plan, "");
        Assert.Equal(3, SweepThreads.Decided(sweep));
        File.WriteAllText(sweep.Plan, "torn");
        Assert.Null(SweepThreads.Decided(sweep));
        Directory.CreateDirectory(sweep.Cell("mine-1").Path);
        File.WriteAllText(
            sweep.Cell("mine-1").Spec,
            SpecText.Write(SpecReader.Read("quick", ["threads=5"])),
            Encoding.UTF8
        );
        Assert.Equal(5, SweepThreads.Decided(sweep));
    }
}
