using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Statistics;
using Microsoft.AspNetCore.Components;

namespace Gyre.Dashboard.Pages;

/// <summary>A landscape: lines, planes, and results.</summary>
public partial class LandscapePage
{
    private LandscapeSnapshot? _landscape;
    private ViewAddress? _drawnAt;
    private IReadOnlyList<Chart> _lines = [];
    private IReadOnlyList<IReadOnlyList<Chart>> _planes = [];
    private string? _run;
    private string _status = "";

    /// <summary>Address of the landscape below the served folder.</summary>
    [Parameter]
    public string? Key { get; set; }

    /// <inheritdoc/>
    protected override bool Missing => _landscape is null;

    private string Continuation =>
        _status == RunRow.Running ? "This page updates itself." : "The same gyre landscape command resumes it.";

    /// <inheritdoc/>
    protected override bool Look()
    {
        var landscape = Library.Landscape(Address.Key);
        var status = landscape is null ? "" : StatusOf(landscape);
        if (ReferenceEquals(landscape, _landscape) && _drawnAt == Address && status == _status)
            return false;
        if (!ReferenceEquals(landscape, _landscape))
            (_lines, _planes) = landscape is null
                ? ([], [])
                : (LandscapeCharts.Lines(landscape), LandscapeCharts.Planes(landscape));
        (_landscape, _drawnAt, _status) = (landscape, Address, status);
        _run = landscape?.Grid is { } grid ? RunNamed(grid.Run) : null;
        return true;
    }

    private string? RunNamed(string name) =>
        Library
            .Found()
            .Folders.Values.FirstOrDefault(found => found.Kind == FoundKind.Run && found.Key.Split('/')[^1] == name)
            ?.Key;

    private string StatusOf(LandscapeSnapshot landscape)
    {
        if (landscape.Gone)
            return "deleted";
        if (landscape.Grid is null)
            return RunRow.Unreadable;
        if (landscape.Record is not null)
            return "finished";
        if (!Unfinished(landscape))
            return RunRow.Unreadable;
        return Library.Clock.GetUtcNow().UtcDateTime - landscape.Changed < RunRows.Quiet
            ? RunRow.Running
            : RunRow.Stopped;
    }

    /// <summary>A record that exists but cannot be read is not waited for.</summary>
    private static bool Unfinished(LandscapeSnapshot landscape) => landscape is { Grid: not null, Written: false };

    private static string Lead(LandscapeSnapshot landscape)
    {
        if (landscape.Grid is not { } grid)
            return "The files of gyre landscape in this folder cannot be read.";
        var iterates = FormattableString.Invariant($"iterates {grid.First} to {grid.Last}");
        var done = FormattableString.Invariant($"{landscape.Done} of {landscape.Planned} losses");
        if (landscape.Record is not { } record)
            return FormattableString.Invariant($"through theta({grid.Step}), {iterates} · {done}");
        var threshold = record.Threshold is { } known ? $" of threshold {NumberText.Format(known, 4)}" : "";
        return FormattableString.Invariant($"theta({grid.Step}): loss {NumberText.Format(record.Loss, 4)} · ")
            + $"sharpness {NumberText.Format(record.Eigenvalues[0], 4)}{threshold} · {iterates} · {done}";
    }

    private static IReadOnlyList<string> Sentences(LandscapeSnapshot landscape) =>
        landscape.Gone
            ? ["Its folder no longer exists. This page shows what was read earlier.", .. landscape.Flaws]
            : landscape.Flaws;
}
