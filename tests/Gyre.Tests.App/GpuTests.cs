using System.Text.RegularExpressions;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>What a user of a GPU meets, where there is none.</summary>
public class GpuTests
{
    [Fact]
    public void The_checks_of_a_device_run_on_the_processor_and_all_pass()
    {
        var (exitCode, output, error) = GyreProcess.Run("doctor", "--gpu-check", "--device", "cpu");
        Assert.True(exitCode == 0, output + error);
        Assert.StartsWith("the processor; TF32 off", output, StringComparison.Ordinal);
        Assert.Matches(@"(\d+) of \1 checks passed", output);
        Assert.All(
            output.Split('\n')[1..^2],
            line => Assert.Matches(new Regex(@"^ok     .{24} +\S+ ≤ +\S+ +\S+ s  "), line)
        );
    }

    [Fact]
    public void Without_a_device_the_checks_and_a_run_say_so_and_what_to_do()
    {
        using var folder = new TemporaryFolder();
        var hidden = new Dictionary<string, string> { ["CUDA_VISIBLE_DEVICES"] = "" };
        var check = GyreProcess.RunIn(folder.Path, hidden, "doctor", "--gpu-check");
        Assert.Equal((2, ""), (check.ExitCode, check.Output));
        Assert.Contains(
            "no CUDA device, so there is nothing to check. `gyre doctor` reports",
            check.Error,
            StringComparison.Ordinal
        );
        foreach (var preset in new[] { "cifar-vgg", "cifar-resnet" })
        {
            var run = GyreProcess.RunIn(folder.Path, hidden, "run", preset);
            Assert.Equal(2, run.ExitCode);
            Assert.Contains(
                "device = \"cuda\", but libtorch finds no CUDA device here. Set device = \"cpu\" or \"auto\"",
                run.Error,
                StringComparison.Ordinal
            );
        }
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("--device needs --gpu-check", "doctor", "--device", "cpu")]
    [InlineData("gpu is not cuda or cpu", "doctor", "--gpu-check", "--device", "gpu")]
    public void Options_of_the_doctor_that_mean_nothing_are_refused(string sentence, params string[] arguments)
    {
        var (exitCode, _, error) = GyreProcess.Run(arguments);
        Assert.Equal(2, exitCode);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
        Assert.DoesNotContain("The spec has", error, StringComparison.Ordinal);
    }
}
