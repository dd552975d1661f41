using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>`gyre clean`: what it removes, and above all what it does not.</summary>
public class CleanTests
{
    [Fact]
    public void Leftovers_go_and_everything_else_stays()
    {
        using var folder = new TemporaryFolder();
        var outside = Aged(Run(folder["outside"], finished: false).Path);
        Everything(folder, outside);
        using var going = RunLock.Take(new RunFolder(folder["here/runs/going"]));
        string[] leftovers =
        [
            "here/runs/done/steps.jsonl.999999999.tmp",
            "here/runs/open",
            "here/runs/stump",
            "here/sweeps/rates/cells/orphan",
            "here/sweeps/rates/plan.json.999999999.tmp",
        ];
        var before = Listed(folder.Path);

        var looked = GyreProcess.RunIn(folder.Path, "clean", "here", "--dry-run");

        Assert.Equal((0, ""), (looked.ExitCode, looked.Error));
        Assert.Equal(before, Listed(folder.Path));
        Assert.All(leftovers, path => Assert.Contains($"B  {path}\n", looked.Output, StringComparison.Ordinal));
        Assert.Contains("these would be 5 leftovers, ", looked.Output, StringComparison.Ordinal);
        foreach (
            var alone in new[]
            {
                "going: runs now",
                "noted: contains notes.txt, which does not belong to this program",
                "linked: contains eigenvectors, which does not belong to this program",
                "foreign: its files cannot be identified as this program's",
                "unsaid: has a summary.json that cannot be read",
            }
        )
            Assert.Contains($"left alone  here/runs/{alone}", looked.Output, StringComparison.Ordinal);

        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, "clean", "here", "--yes");

        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("Removed 5 leftovers, ", output, StringComparison.Ordinal);
        bool IsLeftover(string path) =>
            leftovers.Any(gone => $"{path}/".StartsWith($"{gone}/", StringComparison.Ordinal));
        Assert.Equal(before.Where(path => !IsLeftover(path)), Listed(folder.Path));
        var again = GyreProcess.RunIn(folder.Path, "clean", "here", "--yes");
        Assert.Contains("There is nothing to remove.", again.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_terminal_nothing_is_removed_unless_yes_was_said()
    {
        using var folder = new TemporaryFolder();
        Aged(Run(folder["runs/open"], finished: false).Path);
        var before = Listed(folder.Path);

        var (exitCode, _, error) = GyreProcess.RunIn(folder.Path, "clean");

        Assert.Equal(2, exitCode);
        Assert.StartsWith(
            "Nothing was removed: there is no terminal to confirm at. Add --yes",
            error,
            StringComparison.Ordinal
        );
        Assert.Equal(before, Listed(folder.Path));
        var both = GyreProcess.RunIn(folder.Path, "clean", "--yes", "--dry-run");
        Assert.Contains("give one of the two", both.Error, StringComparison.Ordinal);
    }

    /// <summary>On a terminal, which the program `script` makes.</summary>
    [Theory]
    [InlineData("n", false)]
    [InlineData("", false)]
    [InlineData("y", true)]
    public void On_a_terminal_it_asks_and_does_as_it_is_told(string answer, bool removes)
    {
        using var folder = new TemporaryFolder();
        Aged(Run(folder["runs/open"], finished: false).Path);

        string[] terminal = ["sh", "-c", $"(sleep 3; echo {answer}; sleep 2) | script -qec \"$*\" /dev/null", "sh"];
        using var process = GyreProcess.StartUnder(terminal, new Dictionary<string, string>(), "clean", folder["runs"]);
        var (_, output, _) = process.End();

        Assert.Contains("Remove 1 leftover, ", output, StringComparison.Ordinal);
        Assert.Equal(removes, !Directory.Exists(folder["runs/open"]));
        Assert.Contains(removes ? "Removed 1 leftover" : "Nothing was removed.", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sweep_that_runs_or_was_given_to_a_cluster_is_left_alone()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "runs", "cluster" })
        {
            SyntheticSweep.Usual.Write(folder[$"sweeps/{name}"]);
            Aged(Run(folder[$"sweeps/{name}/cells/orphan"], finished: false).Path);
        }
        Directory.CreateDirectory(folder["sweeps/cluster/cluster"]);
        File.WriteAllText(folder["sweeps/cluster/cluster/submissions.jsonl"], "");
        using var held = RunLock.Take(new SweepFolder(folder["sweeps/runs"]));

        var looked = GyreProcess.RunIn(folder.Path, "clean", "--dry-run").Output;
        Assert.Contains("left alone  sweeps/runs: runs now\n", looked, StringComparison.Ordinal);
        Assert.Contains("left alone  sweeps/cluster: was submitted to a cluster", looked, StringComparison.Ordinal);
        // Its cells named directly are its cells, too.
        foreach (var place in new[] { "sweeps", "sweeps/runs/cells", "sweeps/cluster/cells/orphan" })
        {
            var (exitCode, output, _) = GyreProcess.RunIn(folder.Path, "clean", place, "--yes");
            Assert.Equal(0, exitCode);
            Assert.Contains("There is nothing to remove.", output, StringComparison.Ordinal);
        }
        foreach (var name in new[] { "runs", "cluster" })
            Assert.True(File.Exists(folder[$"sweeps/{name}/cells/orphan/spec.toml"]), name);
    }

    [Fact]
    public void A_run_that_has_only_just_begun_is_left_alone_and_a_link_is_not_cleaned()
    {
        using var folder = new TemporaryFolder();
        Run(folder["runs/fresh"], finished: false);
        var fresh = GyreProcess.RunIn(folder.Path, "clean", "--yes");
        Assert.Contains("was changed a moment ago", fresh.Output, StringComparison.Ordinal);
        Aged(folder["runs/fresh"]);
        Directory.CreateSymbolicLink(folder["way"], folder["runs"]);

        var (exitCode, _, error) = GyreProcess.RunIn(folder.Path, "clean", "way", "--yes");

        Assert.Equal(2, exitCode);
        Assert.Contains("way is a link to ", error, StringComparison.Ordinal);
        Assert.True(File.Exists(folder["runs/fresh/spec.toml"]));
    }

    /// <summary>One of every kind, below here/.</summary>
    private static void Everything(TemporaryFolder folder, string outside)
    {
        File.WriteAllText(
            Path.Combine(Run(folder["here/runs/done"], finished: true).Path, "steps.jsonl.999999999.tmp"),
            "half"
        );
        File.WriteAllText(folder["here/runs/done/mine.tmp"], "a user's own");
        Run(folder["here/runs/open"], finished: false);
        File.WriteAllText(folder["here/runs/open/lock"], "");
        Run(folder["here/runs/going"], finished: false);
        File.WriteAllText(Path.Combine(Run(folder["here/runs/noted"], finished: false).Path, "notes.txt"), "keep me");
        File.WriteAllText(Run(folder["here/runs/unsaid"], finished: false).Summary, "{}");
        Directory.CreateSymbolicLink(
            Path.Combine(Run(folder["here/runs/linked"], finished: false).Path, "eigenvectors"),
            outside
        );
        Directory.CreateSymbolicLink(folder["here/runs/way-out"], outside);
        var stump = Run(folder["here/runs/stump"], finished: false);
        File.Delete(stump.Spec);
        File.WriteAllText(Path.Combine(stump.Checkpoints, "step-000005.safetensors"), "torn");
        Directory.CreateDirectory(folder["here/runs/foreign/checkpoints"]);
        File.WriteAllText(folder["here/runs/foreign/checkpoints/step-000005.safetensors"], "another program's");
        (SyntheticSweep.Usual with { Done = 0.5 }).Write(folder["here/sweeps/rates"]);
        Run(folder["here/sweeps/rates/cells/orphan"], finished: false);
        Run(folder["here/sweeps/rates/cells/kept"], finished: true);
        File.WriteAllText(folder["here/sweeps/rates/plan.json.999999999.tmp"], "half");
        Aged(folder["here"]);
    }

    /// <summary>As if nothing had been written for years.</summary>
    private static string Aged(string path)
    {
        var plain = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
        };
        foreach (var file in Directory.EnumerateFiles(path, "*", plain))
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddYears(40));
        return path;
    }

    /// <summary>Every entry, links not followed.</summary>
    private static string[] Listed(string path) =>
        [
            .. Directory
                .EnumerateFileSystemEntries(
                    path,
                    "*",
                    new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }
                )
                .Select(entry => Path.GetRelativePath(path, entry))
                .Where(entry => Path.GetFileName(entry) != "lock")
                .Order(StringComparer.Ordinal),
        ];

    private static RunFolder Run(string path, bool finished)
    {
        var data = SyntheticRun.Usual(steps: 40);
        return SyntheticFolder.Write(path, finished ? data : data with { Summary = null });
    }
}
