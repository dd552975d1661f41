using System.Diagnostics;
using Gyre.Lab.Runs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>A disk that fills up, for real: a file system of a megabyte in memory.</summary>
public class FullDiskTests
{
    [Fact]
    public void A_full_disk_is_a_clear_word_and_the_run_goes_on_when_there_is_space()
    {
        using var folder = new TemporaryFolder();
        if (!Tool("mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", folder.Path))
        {
            Assert.True(Environment.GetEnvironmentVariable("GYRE_REQUIRE_ALL") != "1", "mounting a small tmpfs is required here and does not work");
            Assert.Skip("a small tmpfs cannot be mounted here: it needs root on Linux");
        }
        try
        {
            string[] run = ["run", "quick", "--set", "training.steps=200", "--set", "data.samples=60", "--set", "run.checkpoint_every=20", "--set", "threads=1", "--out", folder.Path];
            var (exitCode, _, error) = GyreProcess.Run(run);
            Assert.Equal(2, exitCode);
            Assert.Contains("space", error, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
            Assert.Empty(Directory.GetFiles(folder.Path, "*.tmp", SearchOption.AllDirectories));
            Assert.True(Tool("mount", "-o", "remount,size=50m", folder.Path));
            Assert.Equal(0, GyreProcess.Run(run).ExitCode);
            Assert.Equal(201, RunReader.Open(Directory.GetDirectories(folder.Path).Single()).Steps.Count);
        }
        finally
        {
            Tool("umount", "-l", folder.Path);
        }
    }

    private static bool Tool(string name, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(name, arguments) { RedirectStandardError = true })!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
