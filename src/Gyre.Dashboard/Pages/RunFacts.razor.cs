using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Microsoft.AspNetCore.Components;

namespace Gyre.Dashboard.Pages;

/// <summary>The settings and results of a run.</summary>
public partial class RunFacts
{
    private const string FlipHint =
        "mean of 1 − overlap at lag 1 from onset to resolution, with the mean ends of its error bars";

    private const string AcrossHint = "1 − overlap of the eigenvectors before the onset and at the resolution";

    /// <summary>The run.</summary>
    [Parameter]
    [EditorRequired]
    public object Shown { get; set; } = null!;

    private RunSnapshot Run => (RunSnapshot)Shown;

    private IEnumerable<TableRow> Rows(SummaryRecord summary) =>
        RunTable
            .Rows(summary, null, Run.Spec?.Curvature.Pairs ?? 0, SessionKinds.NotesOf(Run.Sessions))
            .Where(row => row.Name != "time");

    private string Turn(InstabilityRecord cycle, string kind) => Text(InstabilityTurn.FromCycle(Run, cycle, kind));

    private static string Text(InstabilityTurn? turn) =>
        turn is { Count: > 0 } one ? NumberText.Interval(one.Mean, one.Low, one.High, 3) : "—";

    private static string Text(double value) => NumberText.Format(value, 4);
}
