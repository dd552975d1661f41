using System.Globalization;
using System.Text.Json;

namespace Gyre.Dashboard.Charts;

/// <summary>The stretch across that a reader chose in a chart, from what the browser says of it. Pure.</summary>
internal static class ChosenStretch
{
    /// <summary>Of the width: what a number may lose on its way to the browser and back.</summary>
    private const double Hair = 1e-9;

    /// <summary>From the browser's word that a chart was changed.</summary>
    /// <param name="changed">Plotly's plotly_relayout.</param>
    /// <returns>The stretch in the axis's own numbers, or all there is; null where something else was
    /// changed.</returns>
    /// <remarks>The package's own reading of it takes an end at 0 for one that is not there.</remarks>
    public static Window? TryParse(JsonElement changed)
    {
        if (changed.ValueKind != JsonValueKind.Object)
            return null;
        if (Ends(changed, "xaxis.range") is { } both)
            return both;
        if (Member(changed, "xaxis.range[0]") is { } from && Member(changed, "xaxis.range[1]") is { } to)
            return Stretch(from, to);
        // A double click: this chart shows all it was sent by itself, and the page is to show all there is.
        return Member(changed, "xaxis.autorange") is { ValueKind: JsonValueKind.True } ? Window.All : null;
    }

    /// <summary>From how an axis lies: what the reader did before anybody listened.</summary>
    /// <param name="axis">The axis in the browser.</param>
    /// <param name="laid">How the page laid it so far, by any drawing that may have reached the browser; null ends: as
    /// Plotly chooses.</param>
    /// <returns>Null where it lies as it was laid.</returns>
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
