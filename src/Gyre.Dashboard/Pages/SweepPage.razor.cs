using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Figures;
using Gyre.Torch;
using Microsoft.AspNetCore.Components;

namespace Gyre.Dashboard.Pages;

/// <summary>A sweep: against the learning rate, by learning rate and seed, as branches, and its findings.</summary>
public partial class SweepPage
{
    private const int MostLog = 200;
    private const int MostOthers = 500;
    private const double Near = 1e-4; // of a number: what a click's place and a point's may differ by

    private SweepSnapshot? _sweep;
    private ViewAddress? _drawnAt;
    private SweepView? _view;
    private SweepGrid? _grid;
    private SweepBranches? _branches;
    private Chart? _map,
        _tree;
    private IReadOnlyList<Chart> _charts = [];

    /// <summary>Address of the sweep below the served folder.</summary>
    [Parameter]
    public string? Key { get; set; }

    /// <inheritdoc/>
    protected override TimeSpan Pause => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override bool Missing => _sweep is null;

    private int Finished => _sweep!.Cells.Count(cell => cell.Finished);

    private SweepMeasure Measure => SweepMeasures.Get(Address[SweepCharts.MeasureName], SweepCharts.UsualMeasure);

    private string MapOf =>
        Address[SweepGrid.Id] == SweepGrid.Outcomes
            ? SweepGrid.Outcomes
            : SweepMeasures.Get(Address[SweepGrid.Id], SweepMeasures.Accuracy).Name;

    private int[] Seeds => [.. _sweep!.Cells.Select(cell => cell.Cell.Seed).Distinct().Order()];

    /// <inheritdoc/>
    protected override bool Look()
    {
        var sweep = Library.Sweep(Address.Key);
        if (sweep?.Version == _sweep?.Version && sweep?.Key == _sweep?.Key && _drawnAt == Address)
            return false;
        if (sweep is not null)
            Draw(sweep);
        (_sweep, _drawnAt) = (sweep, Address);
        return true;
    }

    /// <summary>Charts that the steps of a running cell do not change are not redrawn.</summary>
    private void Draw(SweepSnapshot sweep)
    {
        var same = _drawnAt == Address && _sweep?.Key == sweep.Key && ReferenceEquals(_sweep.Plan, sweep.Plan);
        if (!same || !Data(_sweep).SequenceEqual(Data(sweep), ReferenceEqualityComparer.Instance))
        {
            _charts = SweepCharts.AgainstRate(sweep, Address);
            _view = sweep.Data is { } data ? new SweepView(data, Address) : null;
        }
        if (
            !same
            || !_sweep!
                .Cells.Select(cell => (cell.Series, cell.Outcome))
                .SequenceEqual(sweep.Cells.Select(cell => (cell.Series, cell.Outcome)))
        )
        {
            _grid = SweepGrid.FromSweep(sweep);
            _map = _grid.Chart(Address);
        }
        if (!same || !_sweep!.Cells.SequenceEqual(sweep.Cells))
        {
            _branches = SweepBranches.FromSweep(sweep, Address);
            _tree = _branches.Chart(Address);
        }
    }

    private static IReadOnlyList<CellSeries> Data(SweepSnapshot? sweep) => sweep?.Data?.Finished ?? [];

    private string Status()
    {
        if (_sweep!.Gone)
            return "deleted";
        if (_sweep.Cells.Count > 0 && Finished == _sweep.Cells.Count)
            return "finished";
        if (_sweep.Cells.Any(cell => cell.Outcome == RunRow.Running))
            return RunRow.Running;
        return _sweep.Plan is null ? RunRow.Unreadable : RunRow.Stopped;
    }

    private string Lead()
    {
        var cells = _sweep!.Cells;
        if (_sweep.Plan is null)
            return FormattableString.Invariant($"{Counted.Format(_sweep.Others.Count, "run")} in its folder");
        int Count(string outcome) => cells.Count(cell => cell.Outcome == outcome);
        var parts = new List<string>
        {
            FormattableString.Invariant($"{Finished} of {Counted.Format(cells.Count, "cell")} finished"),
        };
        foreach (var kind in new[] { RunRow.Running, RunRow.Stopped, SweepCellState.Open, RunRow.Unreadable })
        {
            if (Count(kind) is > 0 and var count)
                parts.Add(FormattableString.Invariant($"{count} {kind}"));
        }
        if (_sweep.Plan.Axes.Length > 0)
            parts.Add($"varies {string.Join(", ", _sweep.Plan.Axes)}");
        if (Count(RunRow.Running) > 0)
            parts.Add("this page updates itself");
        return string.Join(" · ", parts);
    }

    private IReadOnlyList<string> Sentences() =>
        _sweep!.Gone
            ? ["Its folder no longer exists. This page shows what was read earlier.", .. _sweep.Flaws]
            : _sweep.Flaws;

    private string CommandTitle =>
        Finished == _sweep!.Cells.Count ? "The command that created it" : "The command that resumes it";

    private string Others() =>
        $"{Counted.Format(_sweep!.Others.Count, "run")} in its folder"
        + (_sweep.Plan is null ? "" : " that are not in the plan");

    private string Over(string? axis) => Address.With("axis", axis).With(Window.All).ToString();

    private string BranchesOver(string? axis) => Address.With(SweepBranches.OverName, axis).ToString();

    private void Set(string name, object? value) => Navigate(Address.With(name, value as string));

    private static string? Current(bool chosen) => chosen ? "true" : null;

    private void Zoom((double From, double To)? stretch) =>
        Navigate(Address.With(stretch is { } chosen ? new Window(chosen.From, chosen.To) : Window.All));

    private void Open(SweepCellState? cell)
    {
        if (cell?.Key is { } key)
            Navigation.NavigateTo(ViewAddress.Create("run", key).ToString());
    }

    /// <summary>A ring or a cross is one run; a mean is not.</summary>
    private void OpenNearest((double X, double Y) place)
    {
        bool At(double value, double clicked) => Math.Abs(value - clicked) <= Near * Math.Abs(value);
        var here = _sweep!.Cells.Where(cell => cell.Finished && At(_view!.Place(cell.Cell), place.X)).ToArray();
        Open(
            here.FirstOrDefault(cell => At(cell.Accuracy, place.Y))
                ?? here.FirstOrDefault(cell => At(Measure.Get(cell.Series!.Measures), place.Y))
                ?? (here is [{ Outcome: OutcomeNames.Diverged } only] ? only : null)
        );
    }
}
