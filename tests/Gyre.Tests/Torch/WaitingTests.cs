using System.Runtime.InteropServices;
using Gyre.Tests.Engine;
using Gyre.Tests.TestKit;
using Gyre.Torch;

namespace Gyre.Tests.Torch;

/// <summary>
/// How OpenMP's threads wait (docs/decisions/0004-waiting-threads.md), each case in a process of its own, because the
/// environment is read once.
/// </summary>
public partial class WaitingTests
{
    [Theory]
    [InlineData(null, null, "2000")]
    [InlineData("ACTIVE", null, "")]
    [InlineData(null, "5000", "5000")]
    public void Threads_spin_briefly_unless_the_environment_says_otherwise(string? policy, string? spins, string seen)
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string?>
        {
            ["OMP_WAIT_POLICY"] = policy,
            ["GOMP_SPINCOUNT"] = spins,
            [ChildProcess.Request] = "waiting",
            [ChildProcess.Answer] = folder["answer"],
        };
        var outcome = ChildProcess.Run(typeof(WaitingTests), nameof(Says_how_its_threads_wait), environment);
        Assert.True(outcome.ExitCode == 0, outcome.Text);
        Assert.Equal(seen, File.ReadAllText(folder["answer"]));
    }

    /// <summary>The child's part; without a request it only loads libtorch, as every test does.</summary>
    [Fact]
    public void Says_how_its_threads_wait()
    {
        Assert.NotEmpty(LibTorch.Load().Version);
        if (Environment.GetEnvironmentVariable(ChildProcess.Request) == "waiting")
            File.WriteAllText(
                Environment.GetEnvironmentVariable(ChildProcess.Answer)!,
                Marshal.PtrToStringUTF8(getenv("GOMP_SPINCOUNT")) ?? ""
            );
    }

    [LibraryImport("libc.so.6", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint getenv(string name);
}
