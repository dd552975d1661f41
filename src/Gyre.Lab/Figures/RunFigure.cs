using System.Globalization;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.Lab.Figures;

/// <summary>The data of a run's figures.</summary>
/// <param name="Name">Name of the run.</param>
/// <param name="Source">Version of the program and ID of the run, for the footer.</param>
/// <param name="Steps">All steps so far.</param>
/// <param name="Curvature">All measurements so far.</param>
/// <param name="Events">Onsets, peaks and resolutions, needed until there is a summary.</param>
/// <param name="Summary">The summary; null while the run is unfinished.</param>
internal sealed record RunFigureData(
    string Name,
    string Source,
    IReadOnlyList<StepRecord> Steps,
    IReadOnlyList<CurvatureRecord> Curvature,
    IReadOnlyList<EventRecord> Events,
    SummaryRecord? Summary
)
{
    /// <summary>The run folder; null if the data were not read from a folder.</summary>
    public RunFolder? Folder { get; init; }

    /// <summary>All instabilities, from the summary or from the events so far.</summary>
    public InstabilityRecord[] Cycles => Summary?.Cycles ?? InstabilityRecord.FromEvents(Events);
}

/// <summary>
/// The main figure of a run: the panels of <see cref="QuantityPanel"/> that have a height on paper, with
/// instabilities shaded.
/// </summary>
internal static class RunFigure
{
    private const string Reading =
        "shading: instabilities, from sharpness ≥ threshold until both it and the loss are back · bands: what "
        + "the angle error bars allow";

    /// <summary>Returns the page, without the panels of quantities that were not measured.</summary>
    public static FigurePage Page(RunFigureData data)
    {
        var cycles = data.Cycles;
        var last = data.Steps.Count == 0 ? 1 : Math.Max(1, data.Steps[^1].Step);
        var (across, shades) = (FigureAxis.Steps(last), Shades(cycles, last));
        var panels = QuantityPanel
            .Catalog.Where(panel => panel.PaperHeight > 0)
            .Select(panel => RunPanels.Draw(panel, across, data))
            .ToList();
        panels.RemoveAll(panel => panel.Empty && panel != panels[0]);
        foreach (var panel in panels)
            panel.Finish(shades);
        return new FigurePage(Title(data), Subtitle(data, cycles), $"{data.Source} · {Reading}{Errors(data)}", panels)
        {
            Brackets = Brackets(cycles, last),
        };
    }

    /// <summary>Describes the bands that are not bands of angles.</summary>
    private static string Errors(RunFigureData data)
    {
        var bands = QuantityCatalog
            .PerMeasurement.Where(one =>
                one is { Rotation: null, Band.Length: > 0 }
                && data.Curvature.Any(record => !double.IsNaN(one.FromMeasurement!(record).Value))
            )
            .ToArray();
        return bands.Length == 0 ? "" : $"; for {string.Join(" and ", bands.Select(one => one.Label))} {bands[0].Band}";
    }

    /// <summary>
    /// Returns the spans of steps to shade. If there are hundreds, those less than half a pixel apart are merged.
    /// </summary>
    private static List<(double From, double To, bool Even)> Shades(InstabilityRecord[] cycles, double last)
    {
        var shades = new List<(double From, double To, bool Even)>();
        var near = cycles.Length > FigureSheet.Screen.Width / 4 ? last / (2 * FigureSheet.Screen.Width) : 0;
        foreach (var cycle in cycles)
        {
            var to = (double)(cycle.Resolution ?? (long)last);
            if (shades.Count > 0 && cycle.Onset - shades[^1].To < near)
                shades[^1] = shades[^1] with { To = to };
            else
                shades.Add((cycle.Onset, to, cycle.Number % 2 == 0));
        }
        return shades;
    }

    /// <summary>
    /// Returns the brackets over the first panel, with the number of each instability. An instability that was open
    /// at the end is labeled as open.
    /// </summary>
    internal static IReadOnlyList<Bracket> Brackets(IEnumerable<InstabilityRecord> cycles, double last) =>
        [
            .. cycles.Select(cycle => new Bracket(
                cycle.Onset,
                cycle.Resolution ?? last,
                FigurePanel.Number((long)cycle.Number) + (cycle.Resolution is null ? " open" : "")
            )),
        ];

    private static string Title(RunFigureData data) =>
        data.Summary is { } summary
            ? $"{data.Name}: {SnakeCase.Spaced(summary.Outcome)}"
            : $"{data.Name}: unfinished, {Counted.Format(data.Steps.Count, "step")}";

    private static string Subtitle(RunFigureData data, InstabilityRecord[] cycles)
    {
        var parts = new List<string> { Rates(data.Steps, data.Summary?.EdgeUnits ?? double.NaN) };
        if (data.Curvature.Count > 0)
            parts.Add(Count(cycles));
        if (data.Summary is { } summary)
        {
            if (double.IsFinite(summary.PeakSharpness))
                parts.Add(
                    $"sharpness {FigurePanel.Number(summary.InitialSharpness)} → "
                        + $"{FigurePanel.Number(summary.PeakSharpness)} → "
                        + $"{FigurePanel.Number(summary.FinalSharpness)}"
                );
            if (summary.FinalTestAccuracy is { } accuracy)
                parts.Add($"test accuracy {Percent.Format(accuracy)}");
        }
        return string.Join(" · ", parts);
    }

    private static string Rates(IReadOnlyList<StepRecord> steps, double edgeUnits)
    {
        var rates = steps.Select(step => step.LearningRate).Distinct().Select(FigurePanel.Number).ToList();
        if (rates.Count > 0 && double.IsFinite(edgeUnits))
            rates[0] += $" ({FigurePanel.Number(edgeUnits)} edge units)";
        return "eta " + (rates.Count > 4 ? $"{rates[0]} → … → {rates[^1]}" : string.Join(" → ", rates));
    }

    private static string Count(InstabilityRecord[] cycles)
    {
        if (cycles.Length == 0)
            return "no instability";
        var noun = Counted.Noun(cycles.Length, "instability", "instabilities");
        var open = Counted.Noun(cycles.Length, ", open", ", the last one open");
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{cycles.Length} {noun}{(cycles.Any(cycle => cycle.Resolution is null) ? open : "")}"
        );
    }
}
