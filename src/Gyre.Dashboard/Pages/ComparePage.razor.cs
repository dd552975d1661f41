using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;

namespace Gyre.Dashboard.Pages;

/// <summary>Compares runs in charts, and lists the keys that differ.</summary>
public partial class ComparePage
{
    private IReadOnlyList<RunSnapshot> _runs = [];
    private IReadOnlyList<RunRow> _rows = [];
    private IReadOnlyList<string> _names = [];
    private IReadOnlyList<string> _flaws = [];
    private IReadOnlyList<string> _chosen = [];
    private IReadOnlyList<Chart> _charts = [];
    private IReadOnlyList<(string Key, IReadOnlyList<string> Values)> _different = [];
    private ViewAddress? _drawnAt;
    private string? _wanted;

    private bool Time => Address["axis"] == RunCharts.TimeAxis;

    /// <inheritdoc/>
    protected override bool Look()
    {
        var runs = CompareCharts.Runs(Library, Address);
        if (_drawnAt == Address && runs.SequenceEqual(_runs))
            return false;
        if (!runs.SequenceEqual(_runs))
            _different = SpecComparison.Compare([.. runs.Select(run => run.Spec)]);
        (_runs, _names, _charts, _drawnAt) = (
            runs,
            CompareCharts.Names(runs),
            CompareCharts.Create(runs, Address),
            Address
        );
        _rows = Library.Rows();
        _flaws = [.. FlawsOf(runs)];
        _chosen = [.. CompareCharts.Quantities(Address).Select(quantity => quantity.Id)];
        return true;
    }

    private IEnumerable<string> FlawsOf(IReadOnlyList<RunSnapshot> runs)
    {
        var named = Address.All("run").Distinct().ToArray();
        foreach (var missing in named.Take(CompareCharts.MostRuns).Except(runs.Select(run => run.Key)))
            yield return $"There is no run “{missing}” here.";
        if (named.Length > CompareCharts.MostRuns)
            yield return FormattableString.Invariant(
                $"{named.Length} runs are too many to distinguish: the first {CompareCharts.MostRuns} are shown."
            );
        foreach (var unknown in Address.All("key").Except(QuantityCatalog.All.Select(quantity => quantity.Id)))
            yield return $"“{unknown}” is not a quantity of the list.";
        foreach (var run in runs.Where(run => run.Flaws.Count > 0 || run.Gone))
            yield return $"{run.Key}: {(run.Gone ? "its folder is no longer there." : string.Join(' ', run.Flaws))}";
    }

    private void Add()
    {
        var wanted = _rows.Where(row => row.Found.Key == _wanted?.Trim() || row.Name == _wanted?.Trim()).ToArray();
        if (wanted.FirstOrDefault(row => !Address.All("run").Contains(row.Found.Key)) is not { } found)
        {
            _flaws = [wanted.Length == 0 ? $"There is no run “{_wanted}” here." : $"“{_wanted}” is already compared."];
            return;
        }
        _wanted = "";
        Navigate(Address.With("run", Address.All("run").Append(found.Found.Key).Distinct()));
    }

    private void Remove(string key) => Navigate(Address.With("run", Address.All("run").Where(run => run != key)));

    private void Choose(string quantity, bool chosen) =>
        Navigate(Address.With("key", chosen ? _chosen.Append(quantity) : _chosen.Where(other => other != quantity)));

    private void Zoom((double From, double To)? stretch) =>
        Navigate(Address.With(stretch is { } part ? new Window(part.From, part.To) : Window.All));

    private string Over(string? axis) => Address.With("axis", axis).With(Window.All).ToString();

    private static string? Current(bool chosen) => chosen ? "true" : null;

    private static string OutcomeOf(RunSnapshot run)
    {
        if (run.Gone)
            return "deleted";
        return run.Summary is { } summary ? SnakeCase.Spaced(summary.Outcome) : "unfinished";
    }

    private static string Turned(RotationSummary? rotation) =>
        rotation is null ? "—" : NumberText.Interval(rotation.Mean, rotation.Low, rotation.High, 3);
}
