using Gyre.Torch;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>`gyre doctor`: what the engine is and whether it is sound; exit code 2, with the cure, where it is not.</summary>
internal sealed class DoctorCommand : Command<GyreSettings>
{
    public override int Execute(CommandContext context, GyreSettings settings, CancellationToken cancellation)
    {
        var report = EngineReport.Examine();
        foreach (var finding in report.Findings)
        {
            Listing.Print(28, ($"{Mark(finding.Severity)} {finding.Subject}", finding.Fact));
            if (finding.Cure is not null)
                Listing.Print(28, ("", $"→ {finding.Cure}"));
        }
        return report.IsSound ? Exit.Done : Exit.WrongInput;
    }

    private static string Mark(FindingSeverity severity) => severity switch
    {
        FindingSeverity.Error => "WRONG  ",
        FindingSeverity.Warning => "warning",
        _ => "ok     ",
    };
}
