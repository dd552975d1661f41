using Gyre.Dashboard.Reading;
using Gyre.Lab.Claims;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Reading;

/// <summary>A sweep is followed whatever happens to its folder.</summary>
public sealed class LiveSweepTests : IDisposable
{
    private readonly TemporaryFolder _place = new();
    private readonly Moments _clock = new();
    private readonly RunLibrary _library;

    public LiveSweepTests() => _library = new RunLibrary(new ServedFolder(_place.Path), _clock);

    public void Dispose() => _place.Dispose();

    [Fact]
    public void The_first_look_has_what_summaries_say_and_a_later_one_everything()
    {
        SyntheticSweep.Usual.Write(_place["a"]);
        var first = Look();
        Assert.True(first.Reading);
        Assert.All(
            first.Cells.Where(cell => cell.Cell.Parent is null),
            cell =>
                Assert.Equal(100 * SyntheticSweep.Accuracy(cell.Cell.LearningRate, cell.Cell.Seed), cell.Accuracy, 9)
        );
        Assert.All(first.Data!.Finished, cell => Assert.Equal(double.NaN, cell.Measures.MeanSharpness));
        var whole = _library.Sweep("a", whole: true)!;
        Assert.False(whole.Reading);
        Assert.Equal(
            SyntheticSweep.Usual.Data().Finished.Select(cell => cell.Measures.MeanSharpness),
            whole.Data!.Finished.Select(cell => cell.Measures.MeanSharpness)
        );
        Assert.Equal(
            SyntheticSweep.Usual.Data().Finished.Select(cell => cell.Measures.ForkTime),
            whole.Data!.Finished.Select(cell => cell.Measures.ForkTime)
        );
        Assert.Empty(whole.Flaws);
    }

    [Fact]
    public void What_is_found_is_what_the_report_finds_and_is_found_once()
    {
        SyntheticSweep.Usual.Write(_place["a"]);
        var found = Judged();
        var data = SyntheticSweep.Usual.Data();
        Assert.Equal(
            ClaimCatalog.Decide(data.Claims).Select(verdict => (verdict.Claim, verdict.Name, verdict.Reason)),
            found.Findings!.Verdicts.Select(verdict => (verdict.Claim, verdict.Name, verdict.Reason))
        );
        Assert.Equal(
            data.Correlations.Select(row => (row.Measure, row.Raw.Value)),
            found.Findings.Correlations.Select(row => (row.Measure, row.Raw.Value))
        );
        Assert.Equal(GroupTable.Create(data.Claims).Count, found.Findings.Groups.Count);
        var again = Look();
        Assert.Same(found.Findings, again.Findings);
        Assert.Equal(found.Version, again.Version);
    }

    [Fact]
    public void A_cell_that_finishes_is_read_and_the_others_are_not_read_again()
    {
        var sweep = SyntheticSweep.Usual;
        (sweep with { Done = 0.5 }).Write(_place["a"]);
        var before = Judged();
        Assert.Equal(6, before.Data!.Finished.Count);
        Directory.Move(Whole(sweep, before.Cells[7].Cell.Folder), _place[$"a/cells/{before.Cells[7].Cell.Folder}"]);
        _clock.Pass(TimeSpan.FromSeconds(2));
        var after = _library.Sweep("a", whole: true)!;
        Assert.Equal(7, after.Data!.Finished.Count);
        Assert.All(
            before.Data.Finished,
            cell => Assert.Contains(after.Data.Finished, other => ReferenceEquals(cell, other))
        );
        Assert.Same(before.Findings, after.Findings); // until those of seven are computed
        Assert.True(after.Computing);
        Assert.Equal(7, Judged().Findings!.Finished.Count);
    }

    [Fact]
    public void A_cell_that_runs_is_known_by_its_lines()
    {
        (SyntheticSweep.Usual with { Done = 0 }).Write(_place["a"]);
        var cell = SyntheticSweep.Usual.Plan().Cells[2];
        SyntheticFolder.Write(_place[$"a/cells/{cell.Folder}"], SyntheticRun.Usual(40) with { Summary = null });
        var state = Look().Cells[2];
        Assert.Equal((RunRow.Running, 40L, false), (state.Outcome, state.Row!.Steps, state.Finished));
        Assert.All(
            Look().Cells.Where(other => other.Cell.Folder != cell.Folder),
            other => Assert.Equal(SweepCellState.Open, other.Outcome)
        );
    }

    [Fact]
    public void A_name_in_a_plan_is_never_made_into_a_path()
    {
        SyntheticSweep.Usual.Write(_place["b"]);
        var reader = (SyntheticSweep.Usual with { Forks = false }).Write(_place["a"]);
        foreach (
            var name in new[]
            {
                "../../b/cells/" + reader.Plan.Cells[0].Folder,
                _place["b/cells/" + reader.Plan.Cells[0].Folder],
                "..",
                "",
            }
        )
        {
            Write(
                "a",
                reader.Plan with
                {
                    Cells = [.. reader.Plan.Cells, reader.Plan.Cells[0] with { Folder = name }],
                }
            );
            _clock.Pass(TimeSpan.FromSeconds(2));
            var sweep = _library.Sweep("a", whole: true)!;
            Assert.Empty(sweep.Cells);
            Assert.Contains(sweep.Flaws, flaw => flaw.Contains("not the name of a folder", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Damaged_cells_are_named_and_the_others_shown()
    {
        SyntheticSweep.Usual.Write(_place["a"]);
        var folders = SyntheticSweep.Usual.Plan().Cells.Select(cell => cell.Folder).ToArray();
        File.WriteAllText(_place[$"a/cells/{folders[0]}/summary.json"], "{\"format\":1,");
        File.WriteAllText(_place[$"a/cells/{folders[1]}/spec.toml"], "format = 9\n");
        File.AppendAllText(_place[$"a/cells/{folders[2]}/steps.jsonl"], "no line\n");
        File.WriteAllText(_place[$"a/cells/{folders[4]}/spec.toml"], "<no toml>");
        var whole = _library.Sweep("a", whole: true)!;
        Assert.Equal(folders.Length - 3, whole.Data!.Finished.Count);
        Assert.Contains(
            whole.Flaws,
            flaw => flaw.StartsWith($"{folders[0]}: summary.json is not a summary.", StringComparison.Ordinal)
        );
        Assert.Contains(
            whole.Flaws,
            flaw =>
                flaw.StartsWith(folders[1], StringComparison.Ordinal)
                && flaw.Contains("has format 9; this program supports formats up to 1", StringComparison.Ordinal)
        );
        Assert.Contains(
            whole.Flaws,
            flaw =>
                flaw.StartsWith($"{folders[2]}: steps.jsonl: line ", StringComparison.Ordinal)
                && flaw.EndsWith(" is malformed, and is left out.", StringComparison.Ordinal)
        );
        Assert.Contains(whole.Flaws, flaw => flaw.StartsWith(folders[4], StringComparison.Ordinal));
        Assert.Equal(RunRow.Unreadable, whole.Cells[1].Outcome);
        Assert.All(whole.Flaws, flaw => Assert.DoesNotContain(_place.Path, flaw, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{\"format\":1,", "plan.json is missing or damaged")]
    [InlineData("null", "plan.json is missing or damaged")]
    [InlineData("{\"format\":1,\"name\":\"x\",\"axes\":[],\"cells\":[null]}", "plan.json is missing or damaged")]
    [InlineData("{\"format\":2}", "a has format 2; this program supports formats up to 1")]
    public void Of_a_plan_that_cannot_be_read_the_runs_are_left(string text, string said)
    {
        SyntheticSweep.Usual.Write(_place["a"]);
        File.WriteAllText(_place["a/plan.json"], text);
        var sweep = Look();
        Assert.Null(sweep.Plan);
        Assert.StartsWith(said, Assert.Single(sweep.Flaws), StringComparison.Ordinal);
        Assert.Equal(12, sweep.Others.Count);
    }

    [Fact]
    public void A_plan_that_is_damaged_or_deleted_under_an_open_page_leaves_what_was_shown()
    {
        SyntheticSweep.Usual.Write(_place["a"]);
        var before = _library.Sweep("a", whole: true)!;
        File.WriteAllText(_place["a/plan.json"], "{");
        var damaged = Look();
        Assert.Equal(before.Data!.Finished, damaged.Data!.Finished);
        Assert.Contains("previous plan", Assert.Single(damaged.Flaws), StringComparison.Ordinal);
        File.Delete(_place["a/plan.json"]);
        var without = Look();
        Assert.Equal(before.Cells.Count, without.Cells.Count(cell => cell.Finished));
        Assert.Contains("no longer exists", Assert.Single(without.Flaws), StringComparison.Ordinal);
        Directory.Delete(_place["a"], recursive: true);
        Assert.True(Look().Gone);
        Assert.Equal(before.Cells.Count, Look().Cells.Count);
    }

    [Fact]
    public void The_log_says_which_cells_failed_and_with_what_words()
    {
        (SyntheticSweep.Usual with { Done = 0.5 }).Write(_place["a"]);
        var cells = SyntheticSweep.Usual.Plan().Cells;
        SyntheticFolder.Lines(
            _place["a/log.jsonl"],
            [
                new SweepLogRecord(DateTimeOffset.UnixEpoch, "failed", cells[1].Folder, "finished since"),
                new SweepLogRecord(DateTimeOffset.UnixEpoch, "failed", cells[^1].Folder, "out of memory"),
                new SweepLogRecord(DateTimeOffset.UnixEpoch, "failed", cells[^2].Folder, "tried again since"),
                new SweepLogRecord(DateTimeOffset.UnixEpoch, "started", cells[^2].Folder),
                new SweepLogRecord(DateTimeOffset.UnixEpoch, "ended"),
            ]
        );
        var (cell, detail) = Assert.Single(Look().Failures);
        Assert.Equal((cells[^1].Folder, "out of memory"), (cell.Cell.Folder, detail));
    }

    [Fact]
    public void Links_that_lead_out_of_the_served_folder_are_not_read()
    {
        using var other = new TemporaryFolder();
        SyntheticSweep.Usual.Write(other["a"]);
        (SyntheticSweep.Usual with { Done = 0 }).Write(_place["a"]);
        File.Delete(_place["a/plan.json"]);
        File.CreateSymbolicLink(_place["a/plan.json"], other["a/plan.json"]);
        var sweep = Look();
        Assert.Null(sweep.Plan);
        Assert.Contains("leads out of the served folder", Assert.Single(sweep.Flaws), StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_that_is_served_itself_finds_its_cells()
    {
        SyntheticSweep.Usual.Write(_place["a"]);
        var library = new RunLibrary(new ServedFolder(_place["a"]), _clock);
        Assert.Equal(12, library.Sweep("a", whole: true)!.Data!.Finished.Count);
    }

    private SweepSnapshot Look()
    {
        _clock.Pass(TimeSpan.FromSeconds(2));
        return _library.Sweep("a")!;
    }

    private SweepSnapshot Judged()
    {
        for (var patience = 0; patience < 1000; patience++)
        {
            if (Look() is { Findings: not null, Computing: false } judged)
                return judged;
            Thread.Sleep(20);
        }
        throw new TimeoutException("Nothing was found.");
    }

    private void Write(string sweep, SweepPlanRecord plan) =>
        File.WriteAllText(_place[$"{sweep}/plan.json"], RunJson.Pretty(plan));

    private string Whole(SyntheticSweep sweep, string folder)
    {
        using var reader = new TemporaryFolder();
        sweep.Write(_place[".whole"]);
        return _place[$".whole/cells/{folder}"];
    }
}
