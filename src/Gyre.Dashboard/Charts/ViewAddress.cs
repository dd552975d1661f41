using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// The address of a view. It determines everything shown, so that a link reproduces the view. Immutable.
/// </summary>
/// <param name="Path">The path without a leading '/': "run/runs/quick-…".</param>
/// <param name="Parameters">The parameters in order; a name may occur several times.</param>
internal sealed record ViewAddress(string Path, IReadOnlyList<KeyValuePair<string, string>> Parameters)
{
    /// <summary>Parses an address relative to the page's base, with the escapes that browsers use.</summary>
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

    /// <summary>Creates the address of the object with a key.</summary>
    public static ViewAddress Create(string view, string key = "") => new(key.Length == 0 ? view : $"{view}/{key}", []);

    /// <summary>First part of the path: the view.</summary>
    public string View => Path.Split('/')[0];

    /// <summary>The rest of the path: the object.</summary>
    public string Key => Path.Contains('/', StringComparison.Ordinal) ? Path[(View.Length + 1)..].Trim('/') : "";

    /// <summary>Returns the first value of a parameter; null if it is missing or empty.</summary>
    public string? this[string name] => All(name).FirstOrDefault(value => value.Length > 0);

    /// <summary>Returns every value of a parameter.</summary>
    public IEnumerable<string> All(string name) =>
        Parameters.Where(pair => pair.Key == name).Select(pair => pair.Value);

    /// <summary>Returns the value of a parameter as a number; null if it is not a finite number.</summary>
    public double? Number(string name) =>
        double.TryParse(this[name], NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && double.IsFinite(number)
            ? number
            : null;

    /// <summary>
    /// Returns the address with other values of a parameter, or without the parameter if there are none.
    /// </summary>
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

    /// <summary>Returns the address with a number of at most seven digits.</summary>
    public ViewAddress With(string name, double? value) =>
        With(name, value?.ToString("G7", CultureInfo.InvariantCulture));

    /// <summary>The visible range.</summary>
    /// <remarks>The smaller value is the left end, whichever parameter has it.</remarks>
    public Window Window =>
        (Number("from"), Number("to")) is var (from, to) && from > to ? new(to, from) : new(from, to);

    /// <summary>Returns the address with another range.</summary>
    public ViewAddress With(Window window) => With("from", window.From).With("to", window.To);

    /// <summary>
    /// Returns whether a chart's scale is logarithmic: its default, or the opposite if the address names the chart.
    /// </summary>
    public bool Logarithmic(Chart chart) =>
        (chart.Map is { Rescalable: true } map ? map.Logarithmic : chart.Logarithmic)
        != All("scale").Contains(chart.Id);

    /// <summary>Returns the address with a chart's scale switched.</summary>
    public ViewAddress Rescaled(Chart chart) =>
        With(
            "scale",
            All("scale").Contains(chart.Id) ? All("scale").Where(id => id != chart.Id) : All("scale").Append(chart.Id)
        );

    /// <summary>Formats the address as a link relative to the page's base.</summary>
    public override string ToString() => Escaped(Path) + Query();

    /// <summary>Returns the address of the data of one of the view's charts.</summary>
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
