using System.Globalization;
using Gyre.Dashboard.Charts;
using Gyre.Dashboard.Reading;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.Dashboard.Pages;

/// <summary>The table of runs.</summary>
public partial class RunsPage
{
    private const int PageSize = 100;
    private const string Search = "q";
    private const string OutcomeName = "outcome";
    private const string Tag = "tag";
    private const string SweepName = "of";
    private const string Outside = "runs";

    private readonly HashSet<string> _chosen = new(StringComparer.Ordinal);

    private FoundFolders _found = new(new Dictionary<string, Found>(), []);
    private IReadOnlyList<RunRow> _rows = [];
    private IReadOnlyList<RunRow> _shown = [];
    private IReadOnlyList<(string View, string Key, string Note)> _others = [];
    private RunFilter _filter = new("", "", "", "", "changed", true);
    private ViewAddress? _shownAt;
    private int _elsewhere;
    private HashSet<string> _shared = [];

    /// <inheritdoc/>
    protected override TimeSpan Pause => TimeSpan.FromSeconds(1);

    private int Page =>
        (int)Math.Clamp((Address.Number("page") ?? 1) - 1, 0, Math.Max(0, (_shown.Count - 1) / PageSize));

    /// <inheritdoc/>
    protected override bool Look()
    {
        var (found, rows) = (Library.Found(), Library.Rows());
        if (_shownAt == Address && rows.SequenceEqual(_rows) && found.Remarks.SequenceEqual(_found.Remarks))
            return false;
        _filter = FilterOf(Address, rows);
        (_found, _rows, _shown, _shownAt) = (found, rows, _filter.Apply(rows), Address);
        _elsewhere =
            _filter.Sweep == RunFilter.Everywhere
                ? 0
                : (_filter with { Sweep = RunFilter.Everywhere }).Apply(rows).Count - _shown.Count;
        _shared = [.. rows.GroupBy(row => row.Name).Where(same => same.Count() > 1).Select(same => same.Key)];
        _others = [.. found.Folders.Values.Where(one => one.Kind != FoundKind.Run).Select(Other)];
        return true;
    }

    private static RunFilter FilterOf(ViewAddress address, IReadOnlyList<RunRow> rows)
    {
        var of = address[SweepName] ?? (rows.Any(row => row.Found.Sweep.Length == 0) ? Outside : RunFilter.Everywhere);
        var sort = RunFilter.Columns.FirstOrDefault(column => column.Id == address["sort"])?.Id ?? "changed";
        return new RunFilter(
            address[Search] ?? "",
            address[OutcomeName] ?? "",
            address[Tag] ?? "",
            of == Outside ? "" : of,
            sort,
            address["order"] is { } order ? order == "down" : sort == "changed"
        );
    }

    private (string, string, string) Other(Found one)
    {
        if (one.Kind == FoundKind.Landscape)
            return ("landscape", one.Key, "landscape");
        var cells = _rows.Where(row => row.Found.Sweep == one.Key).ToArray();
        return (
            "sweep",
            one.Key,
            string.Create(
                CultureInfo.InvariantCulture,
                $"sweep · {cells.Count(row => row.Finished)} of {cells.Length} runs "
                    + $"finished{(cells.Any(row => row.Outcome == RunRow.Running) ? " · running" : "")}"
            )
        );
    }

    /// <summary>Returns the name; the folder's name if several runs have the same name.</summary>
    private string Shown(RunRow row) =>
        _shared.Contains(row.Name) || row.Found.Sweep.Length > 0 ? row.Found.Key.Split('/')[^1] : row.Name;

    private void Set(string name, object? value) =>
        Navigate(Address.With(name, value as string).With("page", (string?)null));

    private void SetSweep(string? sweep) => Set(SweepName, sweep is "" ? Outside : sweep);

    private bool Filtered =>
        _shown.Count < _rows.Count
        && (_filter.Search.Length > 0 || _filter.Outcome.Length > 0 || _filter.Tag.Length > 0);

    private string Unfiltered() =>
        Address.With(Search, (string?)null).With(OutcomeName, (string?)null).With(Tag, (string?)null).ToString();

    private string PageAddress(int page) => Address.With("page", page == 0 ? null : (double)page + 1).ToString();

    private string ChosenCount => _chosen.Count == 0 ? "" : _chosen.Count.ToString(CultureInfo.InvariantCulture);

    private void Choose(string key, bool chosen)
    {
        if (chosen)
            _chosen.Add(key);
        else
            _chosen.Remove(key);
    }

    private string Chosen() =>
        ViewAddress.Create("compare").With("run", _chosen.Order(StringComparer.Ordinal)).ToString();

    private string Count()
    {
        var cells = _filter.Sweep.Length == 0 && _rows.Any(row => row.Found.Sweep.Length > 0);
        var running = _rows.Count(row => row.Outcome == RunRow.Running);
        return FormattableString.Invariant($"{_shown.Count} of {_rows.Count} {Counted.Noun(_rows.Count, "run")}")
            + (cells ? ", without the cells of sweeps" : "")
            + (running > 0 ? FormattableString.Invariant($", {running} running") : "");
    }

    private string? Sorted(RunColumn column)
    {
        if (column.Id != _filter.Sort)
            return null;
        return _filter.Descending ? "descending" : "ascending";
    }

    private string Arrow(RunColumn column)
    {
        if (column.Id != _filter.Sort)
            return "";
        return _filter.Descending ? " ↓" : " ↑";
    }

    /// <summary>
    /// Numbers start with the largest, words with the first; choosing a column again reverses the order.
    /// </summary>
    private string SortedBy(RunColumn column)
    {
        var down = column.Id == _filter.Sort ? !_filter.Descending : column.Id is not ("name" or "outcome");
        return Address
            .With("sort", column.Id)
            .With("order", down ? "down" : "up")
            .With("page", (string?)null)
            .ToString();
    }

    private string Text(RunRow row, RunColumn column)
    {
        if (column.Id == "progress")
            return Progress(row);
        return column.Get(row) switch
        {
            double number => NumberText.Format(number, column.Digits),
            DateTime time => Ago(time),
            var text => (string)text,
        };
    }

    private static string Progress(RunRow row) =>
        double.IsFinite(row.Progress)
            ? FormattableString.Invariant($"{Math.Floor(100 * row.Progress):0} %")
            : FormattableString.Invariant($"{row.Steps}");

    private string Ago(DateTime time) =>
        (Library.Clock.GetUtcNow().UtcDateTime - time) switch
        {
            { TotalMinutes: < 1 } => "now",
            { TotalHours: < 1 } ago => FormattableString.Invariant($"{ago.TotalMinutes:0} min ago"),
            { TotalDays: < 1 } ago => FormattableString.Invariant($"{ago.TotalHours:0} h ago"),
            _ => time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        };
}
