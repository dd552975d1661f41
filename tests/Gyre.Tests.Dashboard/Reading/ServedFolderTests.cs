using Gyre.Dashboard.Reading;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Reading;

/// <summary>What is found below the served folder, and that nothing else is.</summary>
public class ServedFolderTests
{
    [Fact]
    public void Runs_sweeps_their_cells_and_landscapes_are_found_by_their_paths()
    {
        using var place = new TemporaryFolder();
        SyntheticFolder.Write(place["runs/one"], SyntheticRun.Usual(5));
        SyntheticSweep.Usual.Write(place["sweeps/rates"]);
        Directory.CreateDirectory(place["landscape/one-3"]);
        File.WriteAllText(place["landscape/one-3/grid.json"], "{}");
        Directory.CreateDirectory(place["runs/.hidden"]);
        File.WriteAllText(place["runs/.hidden/spec.toml"], "format = 1");
        var found = new ServedFolder(place.Path).Look();
        Assert.Equal(FoundKind.Run, found.Folders["runs/one"].Kind);
        Assert.Equal(FoundKind.Sweep, found.Folders["sweeps/rates"].Kind);
        Assert.Equal(FoundKind.Landscape, found.Folders["landscape/one-3"].Kind);
        var cells = found.Folders.Values.Where(one => one.Sweep == "sweeps/rates").ToArray();
        Assert.Equal(SyntheticSweep.Usual.Plan().Cells.Length, cells.Length);
        Assert.Equal(3 + cells.Length, found.Folders.Count);
        Assert.Empty(found.Remarks);
    }

    [Fact]
    public void A_cell_that_jobs_of_a_cluster_work_on_is_found_once_by_its_latest_attempt()
    {
        using var place = new TemporaryFolder();
        SyntheticSweep.Usual.Write(place["rates"]);
        var sweep = new Gyre.Lab.RunFiles.SweepFolder(place["rates"]);
        var (open, done) = (SyntheticSweep.Usual.Plan().Cells[0].Folder, SyntheticSweep.Usual.Plan().Cells[1].Folder);
        Directory.Delete(sweep.Result(open).Path, recursive: true);
        foreach (var (cell, restart) in new[] { (open, 0), (open, 1), (done, 0) })
            SyntheticFolder.Write(
                sweep.Attempt(cell, new(1, restart)).Folder.Path,
                SyntheticRun.Usual(5) with
                {
                    Summary = null,
                }
            );
        var found = new ServedFolder(place.Path).Look();
        Assert.Equal(
            [$"rates/attempts/{open}/{open}.attempt-1-1"],
            found.Folders.Keys.Where(key => key.Contains("attempt", StringComparison.Ordinal))
        );
        Assert.Equal("rates", found.Folders[$"rates/attempts/{open}/{open}.attempt-1-1"].Sweep);
        var cells = new RunLibrary(new ServedFolder(place.Path), TimeProvider.System)
            .Sweep("rates", whole: true)!
            .Cells;
        Assert.Equal(SyntheticSweep.Usual.Plan().Cells.Length - 1, cells.Count(cell => cell.Finished));
        Assert.NotNull(cells[0].Row);
        Assert.Empty(new RunLibrary(new ServedFolder(place.Path), TimeProvider.System).Sweep("rates")!.Others);
    }

    [Fact]
    public void A_run_folder_can_itself_be_served()
    {
        using var place = new TemporaryFolder();
        SyntheticFolder.Write(place["one"], SyntheticRun.Usual(5));
        var only = Assert.Single(new ServedFolder(place["one"]).Look().Folders);
        Assert.Equal("one", only.Key);
    }

    [Fact]
    public void Links_that_lead_out_are_named_and_not_followed()
    {
        using var place = new TemporaryFolder();
        SyntheticFolder.Write(place["outside/secret"], SyntheticRun.Usual(5));
        SyntheticFolder.Write(place["served/runs/one"], SyntheticRun.Usual(5));
        Directory.CreateSymbolicLink(place["served/runs/link"], place["outside/secret"]);
        Directory.CreateSymbolicLink(place["served/all"], place["outside"]);
        Directory.CreateSymbolicLink(place["served/up"], "..");
        Directory.CreateSymbolicLink(place["served/nowhere"], place["not-there"]);
        var found = new ServedFolder(place["served"]).Look();
        Assert.Equal(["runs/one"], found.Folders.Keys);
        Assert.Equal(3, found.Remarks.Count); // what leads nowhere is no folder
    }

    [Fact]
    public void A_link_that_ends_inside_is_followed_and_a_circle_ends()
    {
        using var place = new TemporaryFolder();
        SyntheticFolder.Write(place["served/deep/runs/one"], SyntheticRun.Usual(5));
        Directory.CreateSymbolicLink(place["served/short"], place["served/deep/runs"]);
        Directory.CreateSymbolicLink(place["served/deep/runs/circle"], place["served/deep"]);
        var found = new ServedFolder(place["served"]).Look();
        Assert.Contains("short/one", found.Folders.Keys);
        Assert.Contains("deep/runs/one", found.Folders.Keys);
        Assert.True(found.Folders.Count < 100);
    }

    [Fact]
    public void The_served_folder_may_be_a_link_and_a_link_may_pass_through_another()
    {
        using var place = new TemporaryFolder();
        SyntheticFolder.Write(place["real/runs/one"], SyntheticRun.Usual(5));
        Directory.CreateSymbolicLink(place["served"], place["real"]);
        Directory.CreateSymbolicLink(place["real/again"], place["served/runs"]);
        Directory.CreateDirectory(place["outside"]);
        Directory.CreateSymbolicLink(place["real/out"], place["outside"]);
        Directory.CreateSymbolicLink(place["real/sneaky"], place["real/out"]);
        var found = new ServedFolder(place["served"]).Look();
        Assert.Equal(["again/one", "runs/one"], found.Folders.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(2, found.Remarks.Count);
    }

    [Fact]
    public void A_served_folder_that_is_gone_or_a_file_is_said_to_be_and_holds_no_runs()
    {
        using var place = new TemporaryFolder();
        SyntheticFolder.Write(place["served/one"], SyntheticRun.Usual(5));
        var library = new RunLibrary(new ServedFolder(place["served"]), TimeProvider.System);
        Assert.Single(library.Rows());
        Directory.Move(place["served"], place["away"]);
        Assert.Empty(library.Rows()); // though it was found a moment ago
        var gone = library.Served.Look();
        Assert.False(gone.There);
        var said =
            $"{place["served"]} no longer exists: it was removed, moved or renamed. Restore it, or serve "
            + "another folder.";
        Assert.Equal(said, Assert.Single(gone.Remarks));
        File.WriteAllText(place["served"], "");
        said = $"{place["served"]} is now a file instead of a folder.";
        Assert.StartsWith(said, Assert.Single(library.Served.Look().Remarks), StringComparison.Ordinal);
        File.Delete(place["served"]);
        Directory.Move(place["away"], place["served"]);
        Assert.True(library.Served.Look().There);
        File.Delete(place["served/one/spec.toml"]);
        Assert.All(library.Rows(), row => Assert.True(row.Changed.Year > 2000));
    }

    [Fact]
    public void A_folder_whose_name_is_not_UTF8_is_named()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a file system that takes any bytes");
        using var place = new TemporaryFolder();
        using (
            var shell = System.Diagnostics.Process.Start(
                "sh",
                ["-c", "mkdir -p \"$1/served/$(printf 'q\\377')\"", "sh", place.Path]
            )
        )
            shell.WaitForExit();
        try
        {
            var remark = Assert.Single(new ServedFolder(place["served"]).Look().Remarks);
            Assert.Equal(
                "q\ufffd: the name is not UTF-8 (invalid bytes are shown as \ufffd), so it cannot be opened. Rename "
                    + "it.",
                remark
            );
        }
        finally
        {
            using var shell = System.Diagnostics.Process.Start("rm", ["-r", place["served"]]);
            shell.WaitForExit();
        }
    }

    [Fact]
    public void A_file_of_a_run_that_is_a_link_out_is_not_read()
    {
        using var place = new TemporaryFolder();
        File.WriteAllText(
            place["secret"],
            "{\"step\":0,\"loss\":42,\"accuracy\":0,\"gradient_norm\":0,\"learning_rate\":1}\n"
        );
        var folder = SyntheticFolder.Write(place["served/one"], SyntheticRun.Usual(5));
        File.Delete(folder.Steps);
        File.CreateSymbolicLink(folder.Steps, place["secret"]);
        var library = new RunLibrary(new ServedFolder(place["served"]), TimeProvider.System);
        var run = library.Run("one")!;
        Assert.Equal(0, run.Steps.Count);
        Assert.Contains(run.Flaws, flaw => flaw.Contains("steps.jsonl", StringComparison.Ordinal));
        Assert.Equal(RunRow.Unreadable, Assert.Single(library.Rows()).Outcome);
    }

    [Fact]
    public void A_link_that_is_put_there_later_is_not_read_either()
    {
        using var place = new TemporaryFolder();
        var secret = SyntheticFolder.Write(place["secret"], SyntheticRun.Usual(5), "name=the-secret");
        var folder = SyntheticFolder.Write(place["served/one"], SyntheticRun.Usual(5));
        var library = new RunLibrary(new ServedFolder(place["served"]), TimeProvider.System);
        Assert.Equal(6, library.Run("one")!.Steps.Count);
        File.Delete(folder.Spec);
        File.CreateSymbolicLink(folder.Spec, secret.Spec);
        var run = library.Run("one")!;
        Assert.Empty(run.SpecText);
        Assert.Contains(run.Flaws, flaw => flaw.Contains("spec.toml: a link", StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_above_that_becomes_a_link_out_takes_what_was_open_below_it_along()
    {
        using var place = new TemporaryFolder();
        SyntheticFolder.Write(place["outside/deep/one"], SyntheticRun.Usual(9), "name=the-secret");
        SyntheticFolder.Write(place["served/runs/deep/one"], SyntheticRun.Usual(5));
        var library = new RunLibrary(new ServedFolder(place["served"]), TimeProvider.System);
        Assert.Equal(6, library.Run("runs/deep/one")!.Steps.Count);
        Directory.Delete(place["served/runs"], recursive: true);
        Directory.CreateSymbolicLink(place["served/runs"], place["outside"]);
        var run = library.Run("runs/deep/one")!;
        Assert.Equal((0, ""), (run.Steps.Count, run.SpecText));
        Assert.Contains(run.Flaws, flaw => flaw.Contains("runs: a link that leads out", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("runs/../../secret")]
    [InlineData("/etc")]
    [InlineData("runs/one/../one")]
    [InlineData("runs\\one")]
    [InlineData("runs/one\0")]
    [InlineData(".")]
    [InlineData("")]
    public void An_address_is_a_name_that_was_found_and_never_a_path(string key)
    {
        using var place = new TemporaryFolder();
        SyntheticFolder.Write(place["served/runs/one"], SyntheticRun.Usual(5));
        SyntheticFolder.Write(place["secret"], SyntheticRun.Usual(5));
        var library = new RunLibrary(new ServedFolder(place["served"]), TimeProvider.System);
        Assert.NotNull(library.Run("runs/one"));
        Assert.Null(library.Run(key));
    }

    [Fact]
    public async Task Folders_that_are_deleted_while_they_are_looked_through_end_nothing_and_keep_what_was_read_of_them()
    {
        using var place = new TemporaryFolder();
        Directory.CreateDirectory(place["served"]);
        var served = new ServedFolder(place["served"]);
        var data = SyntheticRun.Usual(20);
        for (var round = 0; round < 60; round++)
        {
            var folder = SyntheticFolder.Write(place[$"served/runs/a{round}"], data);
            for (var i = 0; i < 40; i++)
                Directory.CreateDirectory(Path.Combine(folder.Path, "checkpoints", $"{i}"));
            var library = new RunLibrary(served, TimeProvider.System);
            var key = $"runs/a{round}";
            var steps = library.Run(key)!.Steps.Count;
            var deleted = Task.Run(
                () => Directory.Delete(folder.Path, recursive: true),
                TestContext.Current.CancellationToken
            );
            while (!deleted.IsCompleted)
            {
                served.Look();
                Assert.Empty(served.LinksOutside(folder.Path));
                Assert.Null(library.LinksSentence(folder.Path, "run"));
                Assert.Equal(steps, library.Run(key)!.Steps.Count);
            }
            await deleted;
        }
    }
}
