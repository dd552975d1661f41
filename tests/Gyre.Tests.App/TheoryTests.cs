using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>`gyre theory` as its user sees it.</summary>
public class TheoryTests
{
    [Fact]
    public void It_prints_a_table_and_writes_its_figures_and_their_numbers()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, "theory");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains("catapult", output, StringComparison.Ordinal);
        string[] files =
        [
            "theory/surface.svg",
            "theory/surface.png",
            "theory/descent.svg",
            "theory/descent.png",
            "theory/map.svg",
            "theory/map.png",
            "theory/trajectory.csv",
            "theory/map.csv",
        ];
        Assert.Equal(files, output.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^8..]);
        Assert.Equal(
            files.Order(),
            Directory.GetFiles(folder["theory"]).Select(file => Path.GetRelativePath(folder.Path, file)).Order()
        );
        var trajectory = File.ReadAllLines(folder["theory/trajectory.csv"]);
        Assert.Equal(
            "step,loss,sharpness,flip,drift_per_bounce,eigenvalue_1,eigenvalue_2,theta_0,theta_1,v1_0,v1_1",
            trajectory[0]
        );
        Assert.Equal(102, trajectory.Length);
        Assert.Equal(40_001, File.ReadAllLines(folder["theory/map.csv"]).Length);
        Assert.Equal(0, GyreProcess.RunIn(folder.Path, "theory", "--depth", "1", "--lr", "0.5").ExitCode);
    }

    [Fact]
    public void Every_mistake_is_listed_and_nothing_is_written()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = GyreProcess.RunIn(
            folder.Path,
            "theory",
            "--depth",
            "two",
            "--width",
            "3",
            "--targets",
            "1,2",
            "--lr",
            "-1",
            "--from",
            "1,x",
            "--steps",
            "0"
        );
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith("There are 5 mistakes:\n", error, StringComparison.Ordinal);
        foreach (
            var option in new[]
            {
                "--depth: two",
                "--targets: 2 numbers for --width 3",
                "--lr: -1",
                "--from: 1,x",
                "--steps: 0",
            }
        )
            Assert.Contains(option, error, StringComparison.Ordinal);
        Assert.Contains(
            "--from: 3 numbers; depth 2 and width 1 need 2",
            GyreProcess.RunIn(folder.Path, "theory", "--from", "1,2,3").Error,
            StringComparison.Ordinal
        );
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_said()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["taken"], "");
        var (exitCode, _, error) = GyreProcess.RunIn(folder.Path, "theory", "--steps", "5", "--out", "taken");
        Assert.Equal(2, exitCode);
        Assert.Contains("taken", error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }
}
