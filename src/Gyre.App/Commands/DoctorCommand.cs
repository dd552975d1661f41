using System.ComponentModel;
using Gyre.App.Folders;
using Gyre.App.Terminal;
using Gyre.Lab.Clusters;
using Gyre.Lab.Mpi;
using Gyre.Torch;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre doctor`.</summary>
internal sealed class DoctorSettings : GyreSettings
{
    [CommandOption("--gpu-check")]
    [Description(
        "Run the core of the correctness suite on the CUDA device: derivatives, eigenpairs, networks, "
            + "resume. Prints each error with its tolerance"
    )]
    public bool GpuCheck { get; init; }

    [CommandOption("--device <NAME>")]
    [Description("With --gpu-check: cuda, or cpu for the same checks on the processor. Default: cuda")]
    public string Device { get; init; } = DeviceChecks.Cuda;

    [CommandOption("--json <FILE>")]
    [Description("Also write the findings to this file as JSON; - prints JSON only")]
    public string? Json { get; init; }
}

/// <summary>
/// `gyre doctor`: describes the engine and whether it is sound; exit code 2, with the remedy, if it is not.
/// </summary>
internal sealed class DoctorCommand : Command<DoctorSettings>
{
    public override int Execute(CommandContext context, DoctorSettings settings, CancellationToken stop)
    {
        if (settings.GpuCheck)
            return DeviceChecks.Run(settings.Device, settings.Json);
        var mistakes = new Mistakes();
        if (settings.Device != DeviceChecks.Cuda)
            mistakes.Add("--device needs --gpu-check; add --gpu-check, or remove --device.");
        mistakes.ThrowIfAny();
        var report = EngineReport.Examine();
        var findings = new List<FindingAnswer>();
        // Slurm is last, because an unreachable controller takes long to fail.
        Func<EngineFinding>[] further =
        [
            () => MpiFinding.Create(Environment.GetEnvironmentVariable),
            () => SlurmFinding.Create(new Slurm(), Slurm.IsHere),
        ];
        foreach (var finding in report.Findings.Concat(further.Select(find => find())))
        {
            if (settings.Json != Voice.StandardOutput)
                Print(finding);
            findings.Add(DoctorAnswer.FromFinding(finding));
        }
        JsonAnswer.Write(settings.Json, () => new DoctorAnswer(report.IsSound, findings));
        return report.IsSound ? Exit.Done : Exit.WrongInput;
    }

    private static void Print(EngineFinding finding)
    {
        Listing.Print(28, ($"{Mark(finding.Severity)} {finding.Subject}", finding.Fact));
        if (finding.Cure is not null)
            Listing.Print(28, ("", $"→ {finding.Cure}"));
    }

    private static string Mark(FindingSeverity severity) =>
        severity switch
        {
            FindingSeverity.Error => "WRONG  ",
            FindingSeverity.Warning => "warning",
            _ => "ok     ",
        };
}
