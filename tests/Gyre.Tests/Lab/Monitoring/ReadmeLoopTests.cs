using System.Text.RegularExpressions;
using Gyre.Lab.Monitoring;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Monitoring;

/// <summary>The README's loop, compiled and run: the lines below stand there, too.</summary>
public sealed partial class ReadmeLoopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_readmes_loop_leaves_a_run_folder()
    {
        using var problem = new TinyProblem();
        var (model, inputs, targets, folder) = (problem.Model, problem.Inputs, problem.Labels, _folder["watched"]);
        var (loss, steps, learningRate, trained) = (nn.CrossEntropyLoss(), 30, 0.1, 0);
        void Train() => trained++;
        {
            using var monitor = new CurvatureMonitor(
                model,
                loss.call,
                inputs,
                targets,
                new() { Every = 20, RunFolder = folder }
            );
            monitor.ThresholdCrossed += one => Console.WriteLine($"step {one.Step}: sharpness {one.Sharpness}");
            for (var step = 0; step < steps; step++)
            {
                monitor.Observe(step, learningRate);
                Train();
            }
        }
        Assert.Equal(steps, trained);
        Assert.True(File.Exists(Path.Combine(folder, "summary.json")));
    }

    [Fact]
    public void It_is_the_readmes()
    {
        var readme = File.ReadAllText(Path.Combine(Source.Root, "README.md"));
        var here = File.ReadAllText(
            Path.Combine(Source.Root, "tests", "Gyre.Tests", "Lab", "Monitoring", "ReadmeLoopTests.cs")
        );
        Assert.Contains(Plain(Block().Match(readme).Groups[1].Value), Plain(here), StringComparison.Ordinal);
    }

    private static string Plain(string code) => Space().Replace(code, "");

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"\s|,(?=\s*\))")]
    private static partial Regex Space();
}
