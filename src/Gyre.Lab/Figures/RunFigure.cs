using System.Globalization;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Torch;

namespace Gyre.Lab.Figures;

/// <summary>What the figure of a run is drawn from.</summary>
/// <param name="Name">Of the run.</param>
/// <param name="Source">Version of the program and id of the run, for the footer.</param>
/// <param name="Steps">Every step so far.</param>
/// <param name="Curvature">Every measurement so far.</param>
/// <param name="Events">Onsets, peaks and resolutions, needed while there is no summary.</param>
/// <param name="Summary">Null while unfinished.</param>
internal sealed record RunFigureData(
    string Name,
    string Source,
    IReadOnlyList<StepRecord> Steps,
    IReadOnlyList<CurvatureRecord> Curvature,
    IReadOnlyList<EventRecord> Events,
    SummaryRecord? Summary
)
{
    /// <summary>Where the run lies; null where it was read from no folder.</summary>
    public RunFolder? Folder { get; init; }

    /// <summary>Every instability: of the summary, or of what has happened so far.</summary>
    public InstabilityRecord[] Cycles => Summary?.Cycles ?? InstabilityRecord.FromEvents(Events);
}

/// <summary>
/// The figure of a run: the panels of <see cref="QuantityPanel"/> that have a height on paper, with instabilities shaded.
/// </summary>
internal static class RunFigure
{
    private const string Reading =
        "shaded: instabilities, from sharpness ≥ threshold until it and the loss are back · bands: what "
        + "the angle error bars allow";

    /// <summary>Lays the figure out. Panels of what was not measured are left out.</summary>
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

    /// <summary>What the bands show that are not of angles.</summary>
    private static string Errors(RunFigureData data)
    {
        var bands = QuantityCatalog
            .PerMeasurement.Where(one =>
                one is { Rotation: null, Band.Length: > 0 }
                && data.Curvature.Any(record => !double.IsNaN(one.FromMeasurement!(record).Value))
            )
            .ToArray();
        return bands.Length == 0 ? "" : $"; of {string.Join(" and ", bands.Select(one => one.Label))} {bands[0].Band}";
    }

    /// <summary>
    /// Steps to shade; where there are hundreds, those less than half a pixel apart are shaded as one.
    /// </summary>
    private static List<(double From, double To, bool Even)> Shades(InstabilityRecord[] cycles, double last)
    {
        var shades = new List<(double From, double To, bool Even)>();
        var near = cycles.Length > FigurePage.Width / 4 ? last / (2 * FigurePage.Width) : 0;
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
    /// Over the first panel: where each instability is, and its number; one that was open at the end says so.
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
