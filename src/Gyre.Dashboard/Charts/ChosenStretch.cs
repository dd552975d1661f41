using System.Globalization;
using System.Text.Json;

namespace Gyre.Dashboard.Charts;

/// <summary>Reads the range that a reader chose in a chart from the browser's messages. Pure.</summary>
internal static class ChosenStretch
{
    /// <summary>
    /// The change of a number on its way to the browser and back, at most, as a share of the range.
    /// </summary>
    private const double Hair = 1e-9;

    /// <summary>Returns the range from the message that a chart changed.</summary>
    /// <param name="changed">The content of Plotly's event plotly_relayout.</param>
    /// <returns>The range in the axis's own numbers, or the whole range; null if something else changed.</returns>
    /// <remarks>The parser of Plotly.Blazor treats an end at 0 as missing.</remarks>
    public static Window? TryParse(JsonElement changed)
    {
        if (changed.ValueKind != JsonValueKind.Object)
            return null;
        if (Ends(changed, "xaxis.range") is { } both)
            return both;
        if (Member(changed, "xaxis.range[0]") is { } from && Member(changed, "xaxis.range[1]") is { } to)
            return Stretch(from, to);
        // After a double click, Plotly shows all points that this chart received; the page must show all that exist.
        return Member(changed, "xaxis.autorange") is { ValueKind: JsonValueKind.True } ? Window.All : null;
    }

    /// <summary>
    /// Returns the range from the state of an axis, for changes made before the page subscribed to events.
    /// </summary>
    /// <param name="axis">The axis in the browser.</param>
    /// <param name="laid">The ranges set by every drawing that may have reached the browser. Plotly chooses an end
    /// that is null.</param>
    /// <returns>The range; null if the axis has a range that the page set.</returns>
    public static Window? TryParse(JsonElement axis, IReadOnlyCollection<Window> laid)
    {
        if (axis.ValueKind != JsonValueKind.Object || Ends(axis, "range") is not { From: { } from, To: { } to } lies)
            return null;
        if (Member(axis, "autorange") is { ValueKind: JsonValueKind.True })
            return laid.Contains(Window.All) ? null : Window.All;
        return laid.Any(one =>
            one is { From: { } left, To: { } right }
            && Math.Abs(left - from) + Math.Abs(right - to) <= Hair * Math.Abs(right - left)
        )
            ? null
            : lies;
    }

    private static Window? Ends(JsonElement of, string name) =>
        Member(of, name) is { ValueKind: JsonValueKind.Array } ends && ends.GetArrayLength() == 2
            ? Stretch(ends[0], ends[1])
            : null;

    private static Window? Stretch(JsonElement from, JsonElement to) =>
        Number(from) is { } left && Number(to) is { } right ? new Window(left, right) : null;

    private static JsonElement? Member(JsonElement of, string name) =>
        of.TryGetProperty(name, out var member) ? member : null;

    private static double? Number(JsonElement value) =>
        double.TryParse(value.ToString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
