using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Gyre.Dashboard.Charts;

/// <summary>The address of a view: what is shown and how, so that who is sent it sees the same. Immutable.</summary>
/// <param name="Path">Without a leading '/': "run/runs/quick-…".</param>
/// <param name="Parameters">In order; a name may come several times.</param>
internal sealed record ViewAddress(string Path, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>From an address relative to the page's base, escaped as browsers do.</summary>
    public static ViewAddress Parse(string relative)
    {
        var text = relative.Split('#')[0];
        var query = text.IndexOf('?', StringComparison.Ordinal) is var place && place >= 0 ? text[place..] : "";
        return new ViewAddress(
            Uri.UnescapeDataString(text[..(text.Length - query.Length)]).TrimStart('/'),
            [
                .. QueryHelpers
                    .ParseQuery(query)
                    .SelectMany(pair => pair.Value.Select(value => KeyValuePair.Create(pair.Key, value ?? ""))),
            ]
        );
    }

    /// <summary>The address of something that is found by its key.</summary>
    public static ViewAddress Create(string view, string key = "") => new(key.Length == 0 ? view : $"{view}/{key}", []);

    /// <summary>First part of the path: which view.</summary>
    public string View => Path.Split('/')[0];

    /// <summary>The rest of the path: of what.</summary>
    public string Key => Path.Contains('/', StringComparison.Ordinal) ? Path[(View.Length + 1)..].Trim('/') : "";

    /// <summary>The first value of a name; null where it is not there or empty.</summary>
    public string? this[string name] => All(name).FirstOrDefault(value => value.Length > 0);

    /// <summary>Every value of a name.</summary>
    public IEnumerable<string> All(string name) =>
        Parameters.Where(pair => pair.Key == name).Select(pair => pair.Value);

    /// <summary>A value as a number; null where it is none.</summary>
    public double? Number(string name) =>
        double.TryParse(this[name], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : null;

    /// <summary>The same with other values of a name; none: without it.</summary>
    public ViewAddress With(string name, params IEnumerable<string?> values) =>
        this with
        {
            Parameters =
            [
                .. Parameters.Where(pair => pair.Key != name),
                .. values
                    .Where(value => !string.IsNullOrEmpty(value))
                    .Select(value => KeyValuePair.Create(name, value!)),
            ],
        };

    /// <summary>The same with a number of at most seven digits.</summary>
    public ViewAddress With(string name, double? value) =>
        With(name, value?.ToString("G7", CultureInfo.InvariantCulture));

    /// <summary>The stretch that is looked at.</summary>
    /// <remarks>The smaller end is the left one, whichever is named first.</remarks>
    public Window Window =>
        (Number("from"), Number("to")) is var (from, to) && from > to ? new(to, from) : new(from, to);

    /// <summary>The same with another stretch.</summary>
    public ViewAddress With(Window window) => With("from", window.From).With("to", window.To);

    /// <summary>
    /// Whether a chart's scale is logarithmic: as it is by itself, or the other way where the address names it.
    /// </summary>
    public bool Logarithmic(Chart chart) =>
        (chart.Map is { Rescalable: true } map ? map.Logarithmic : chart.Logarithmic)
        != All("scale").Contains(chart.Id);

    /// <summary>The same with a chart's scale the other way.</summary>
    public ViewAddress Rescaled(Chart chart) =>
        With(
            "scale",
            All("scale").Contains(chart.Id) ? All("scale").Where(id => id != chart.Id) : All("scale").Append(chart.Id)
        );

    /// <summary>For a link, relative to the page's base.</summary>
    public override string ToString() => Escaped(Path) + Query();

    /// <summary>Where the numbers of one of its charts are.</summary>
    public string Data(string chart) => $"data/{Escaped(Path)}{With("chart", chart).Query()}";

    private static string Escaped(string path) => string.Join('/', path.Split('/').Select(Uri.EscapeDataString));

    private string Query() =>
        string.Concat(
            Parameters.Select(
                (pair, i) =>
                    $"{(i == 0 ? '?' : '&')}{Uri.EscapeDataString(pair.Key)}={Uri.EscapeDataString(pair.Value)}"
            )
        );
}
