using System.Globalization;
using Gyre.App.Folders;
using Gyre.App.Terminal;
using Gyre.Lab.DeviceChecks;
using Gyre.Lab.Statistics;
using Gyre.Torch;
using TorchSharp;

namespace Gyre.App.Commands;

/// <summary>
/// `gyre doctor --gpu-check`: prints one line per check as it ends. Exit code 0: all passed; 3: some failed; 2: no
/// such device.
/// </summary>
internal static class DeviceChecks
{
    public const string Cuda = "cuda";
    private const string Cpu = "cpu";

    /// <summary>The devices that can be checked.</summary>
    public static IReadOnlyList<string> Devices { get; } = [Cuda, Cpu];

    /// <summary>Runs every check and prints its error next to its tolerance.</summary>
    /// <param name="device">cuda or cpu.</param>
    /// <param name="json">The file for the outcomes as JSON; "-" prints them instead of the lines; null writes
    /// none.</param>
    public static int Run(string device, string? json)
    {
        var mistakes = new Mistakes();
        if (!Devices.Contains(device))
            mistakes.Add("--device", $"{device} is not cuda or cpu");
        mistakes.ThrowIfAny();
        LibTorch.Load();
        LibTorch.SetThreads(Math.Min(Environment.ProcessorCount, 16));
        if (device == Cuda && !Gyre.Torch.Cuda.IsAvailable)
            throw new LibTorchException(
                "libtorch finds no CUDA device, so there is nothing to check.",
                "`gyre doctor` reports what is missing; `gyre doctor --gpu-check --device cpu` "
                    + "runs the same checks on the processor."
            );
        Gyre.Torch.Cuda.Settle(tf32: false);
        var said = json == Voice.StandardOutput ? TextWriter.Null : Console.Out;
        var name = device == Cuda ? Gyre.Torch.Cuda.DeviceName ?? "CUDA device" : "the processor";
        said.WriteLine($"{name}; TF32 off");
        var outcomes = CheckCatalog
            .All.Select(check => Say(said, check.Run(new torch.Device(device), TimeProvider.System)))
            .ToArray();
        var failed = outcomes.Count(outcome => !outcome.Passed);
        said.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{outcomes.Length - failed} of {outcomes.Length} checks passed in "
                    + $"{outcomes.Sum(outcome => outcome.Seconds):0} s."
            )
        );
        JsonAnswer.Write(json, () => new DeviceAnswer(name, outcomes.Length - failed, [.. outcomes.Select(Answer)]));
        if (failed == 0)
            return Exit.Done;
        Console.Error.WriteLine(
            "Do not trust results of this device until every check passes: try another driver, or libtorch "
                + "2.10.0, with which the program was tested; docs/gpu.md explains each check."
        );
        return Exit.Failed;
    }

    private static CheckAnswer Answer(CheckOutcome one) =>
        new(one.Check.Name, one.Check.Claim, one.Error, one.Check.Tolerance, one.Seconds, one.Passed, one.Fault);

    private static CheckOutcome Say(TextWriter said, CheckOutcome outcome)
    {
        var (error, tolerance) = (NumberText.Format(outcome.Error, 2), NumberText.Format(outcome.Check.Tolerance, 2));
        var numbers = $"{error, 8} ≤ {tolerance, 7} {NumberText.Fixed(outcome.Seconds, 1), 6} s";
        said.WriteLine(
            $"{(outcome.Passed ? "ok    " : "FAILED")} {outcome.Check.Name, -24} {numbers}  {outcome.Check.Claim}"
        );
        if (outcome.Fault is not null)
            said.WriteLine($"       {outcome.Fault}");
        return outcome;
    }
}
