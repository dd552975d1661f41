using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>What a system lacks is one sentence and the right exit code.</summary>
public class SystemFaultTests
{
    private static readonly string[] Small =
        ["run", "quick", "--set", "threads=1", "--set", "training.steps=5", "--set", "data.samples=50", "--set", "model.widths=[4]", "--out"];

    [Fact]
    public void A_full_standard_output_stops_no_training_and_is_told_at_the_end()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs a device that is always full");
        using var folder = new TemporaryFolder();
        var (code, _, error) = Shell("exec \"$@\" >/dev/full", [.. Small, folder.Path]);
        Assert.Equal(2, code);
        Assert.Contains("Standard output cannot be written", error, StringComparison.Ordinal);
        Assert.DoesNotContain("should not happen", error, StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder.Path, "summary.json", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("exec \"$@\" 2>/dev/full", 2)]
    [InlineData("exec \"$@\" >/dev/full 2>/dev/full", 2)]
    public void A_full_standard_error_leaves_the_exit_code(string script, int expected)
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs a device that is always full");
        Assert.Equal(expected, Shell(script, ["run", "no-such-preset"]).ExitCode);
    }

    [Fact]
    public void A_reader_that_has_gone_is_no_failure()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a shell with pipes");
        var (code, output, error) = Shell("set -o pipefail; \"$@\" | head -n 1", ["spec", "quick"]);
        Assert.Equal((0, "format = 1\n", ""), (code, output, error));
    }

    [Fact]
    public void Too_few_descriptors_are_told_before_anything_is_done()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "limits are those of Linux");
        var (code, _, error) = Shell("ulimit -n 128 && exec \"$@\"", ["spec", "quick"]);
        Assert.Equal(2, code);
        Assert.Contains("Too few files may be open: 128", error, StringComparison.Ordinal);
    }

    private static (int ExitCode, string Output, string Error) Shell(string script, string[] arguments)
    {
        using var process = GyreProcess.StartUnder(["bash", "-c", script, "bash"], new Dictionary<string, string>(), arguments);
        return process.End();
    }
}
