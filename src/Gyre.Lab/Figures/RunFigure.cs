using System.Globalization;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Torch;
using ScottPlot;

namespace Gyre.Lab.Figures;

/// <summary>What the figure of a run is drawn from.</summary>
/// <param name="Name">Of the run.</param>
/// <param name="Source">Version of the program and id of the run, for the footer.</param>
/// <param name="Steps">Every step so far.</param>
/// <param name="Curvature">Every measurement so far.</param>
/// <param name="Events">Onsets and resolutions, needed while there is no summary.</param>
/// <param name="Summary">Null while unfinished.</param>
internal sealed record RunFigureData(
    string Name,
    string Source,
    IReadOnlyList<StepRecord> Steps,
    IReadOnlyList<CurvatureRecord> Curvature,
    IReadOnlyList<EventRecord> Events,
    SummaryRecord? Summary
);

/// <summary>
/// The figure of a run: loss and accuracy, sharpness against 2/eta, eigenvalues, rotation with its error band;
/// instabilities shaded.
/// </summary>
public static class RunFigure
{
    private const int RelatedPairs = 6;

    private static readonly string[] PairColors =
    [
        FigurePanel.Blue,
        FigurePanel.Orange,
        FigurePanel.Green,
        FigurePanel.Vermilion,
        FigurePanel.Purple,
        FigurePanel.Sky,
    ];

    /// <summary>
    /// Draws a run folder, finished or not, into its folder report/ as figure.svg and .png; and, where eigenvectors
    /// were kept, their overlaps as overlap.svg and .png; and, where it was measured, self-stabilisation.svg and .png.
    /// </summary>
    /// <returns>Paths of the files.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Save(RunReader run, string name)
    {
        ArgumentNullException.ThrowIfNull(run);
        FolderLinks.Hold(run.Folder.Path, run.Folder.Report);
        var source =
            $"gyre {run.Environment?.Gyre.Split('+')[0] ?? ""} · {Path.GetFileName(Path.GetFullPath(run.Folder.Path))}";
        var page = Page(new RunFigureData(name, source, run.Steps, run.Curvature, run.Events, run.Summary));
        var files = FigureFiles.Write(run.Folder.Report, "figure", page).Paths.ToList();
        if (OverlapMap.Of(run.Folder) is { } map)
            files.AddRange(FigureFiles.Write(run.Folder.Report, "overlap", Overlap(name, source, map, run)).Paths);
        if (StabilisationFigure.Page(name, source, run.Curvature) is { } stabilisation)
            files.AddRange(FigureFiles.Write(run.Folder.Report, "self-stabilisation", stabilisation).Paths);
        return files;
    }

    private static FigurePage Overlap(string name, string source, OverlapMap map, RunReader run) =>
        OverlapFigure.Page(
            name,
            source,
            map,
            run.Summary?.Cycles ?? Cycles(run.Events),
            run.EachStep().Select(step => step.Step).DefaultIfEmpty(map.Steps[^1]).Last()
        );

    /// <summary>Lays the figure out. Panels of what was not measured are left out.</summary>
    internal static FigurePage Page(RunFigureData data)
    {
        var cycles = data.Summary?.Cycles ?? Cycles(data.Events);
        var last = data.Steps.Count == 0 ? 1 : Math.Max(1, data.Steps[^1].Step);
        var (across, shades) = (FigureAxis.Steps(last), Shades(cycles, last));
        var panels = new List<FigurePanel>
        {
            Loss(across, data.Steps),
            Accuracy(across, data.Steps),
            Sharpness(across, data),
            Eigenvalues(across, data.Curvature),
            Rotation(across, data.Curvature),
        };
        panels.RemoveAll(panel => panel.Empty && panel != panels[0]);
        foreach (var panel in panels)
            panel.Finish(shades);
        const string Reading =
            "shaded: instabilities, from sharpness ≥ threshold until it and the loss are back · bands: what "
            + "the angle error bars allow";
        return new FigurePage(Title(data), Subtitle(data, cycles), $"{data.Source} · {Reading}", panels)
        {
            Brackets = Brackets(cycles, last),
        };
    }

    private static FigurePanel Loss(FigureAxis across, IReadOnlyList<StepRecord> steps)
    {
        var panel = new FigurePanel(across, "loss", 180, FigureScale.Logarithmic);
        panel.Line("training loss", steps.Select(step => ((double)step.Step, step.Loss)), FigurePanel.Blue);
        panel.Line(
            "test loss",
            steps.Where(step => step.TestLoss is not null).Select(step => ((double)step.Step, step.TestLoss!.Value)),
            FigurePanel.Vermilion,
            1.2f,
            MarkerShape.OpenCircle
        );
        return panel;
    }

    private static FigurePanel Accuracy(FigureAxis across, IReadOnlyList<StepRecord> steps)
    {
        var panel = new FigurePanel(across, "accuracy, %", 110, FigureScale.Linear, (-4, 104));
        panel.Line(
            "training accuracy",
            steps.Select(step => ((double)step.Step, 100 * step.Accuracy)),
            FigurePanel.Blue
        );
        panel.Line(
            "test accuracy",
            steps
                .Where(step => step.TestAccuracy is not null)
                .Select(step => ((double)step.Step, 100 * step.TestAccuracy!.Value)),
            FigurePanel.Vermilion,
            1.2f,
            MarkerShape.OpenCircle
        );
        return panel;
    }

    private static FigurePanel Sharpness(FigureAxis across, RunFigureData data)
    {
        var batches = data
            .Curvature.Where(record => record.BatchSharpness is not null)
            .Select(record => ((double)record.Step, record.BatchSharpness!.Value))
            .ToArray();
        var panel = new FigurePanel(
            across,
            "sharpness",
            180,
            FigureScale.For(
                data.Curvature.Select(record => record.Sharpness).Concat(batches.Select(point => point.Value))
            )
        );
        if (data.Curvature.Count == 0)
            return panel;
        panel.Bursts(
            "sharpness",
            data.Curvature,
            record => record.Sharpness,
            FigurePanel.Blue,
            1.5f,
            MarkerShape.FilledCircle
        );
        if (batches.Length > 0)
            panel.Line("batch sharpness", batches, FigurePanel.Vermilion, 1.2f, MarkerShape.OpenCircle);
        panel.Line("threshold", Thresholds(data), FigurePanel.Black, 2.2f, steps: true);
        if (
            data.Curvature.Where(record => double.IsFinite(record.Sharpness)).MaxBy(record => record.Sharpness) is
            { } peak
        )
            panel.Note = $"largest {FigurePanel.Number(peak.Sharpness)} at step {FigurePanel.Number(peak.Step)}";
        return panel;
    }

    /// <summary>The threshold of every step: that of the latest measurement, which goes as one over eta.</summary>
    private static IEnumerable<(double, double)> Thresholds(RunFigureData data)
    {
        var measured = data.Curvature.Select(record => record.Step).ToHashSet();
        var rates = data
            .Steps.Where(step => measured.Contains(step.Step))
            .ToDictionary(step => step.Step, step => step.LearningRate);
        double Unit(CurvatureRecord record) => record.Threshold * rates.GetValueOrDefault(record.Step, double.NaN);
        var (next, unit) = (0, Unit(data.Curvature[0]));
        foreach (var step in data.Steps)
        {
            for (; next < data.Curvature.Count && data.Curvature[next].Step <= step.Step; next++)
                unit = Unit(data.Curvature[next]);
            yield return (step.Step, unit / step.LearningRate);
        }
    }

    private static FigurePanel Eigenvalues(FigureAxis across, IReadOnlyList<CurvatureRecord> curvature)
    {
        var panel = new FigurePanel(
            across,
            "eigenvalues",
            150,
            FigureScale.For(
                curvature.SelectMany(record => record.Eigenvalues.Append(record.ConvergedLambdaMin() ?? double.NaN))
            )
        );
        var pairs = curvature.Count == 0 ? 0 : curvature.Max(record => record.Eigenvalues.Length);
        for (var rank = 0; rank < Math.Min(pairs, RelatedPairs); rank++)
        {
            var i = rank;
            panel.Bursts(
                $"λ{rank + 1}",
                curvature,
                record => i < record.Eigenvalues.Length ? record.Eigenvalues[i] : double.NaN,
                PairColors[rank],
                Math.Max(1f, 1.8f - 0.25f * rank)
            );
        }
        if (pairs > RelatedPairs)
            panel.Bursts(
                $"λ{pairs}",
                curvature,
                record => pairs == record.Eigenvalues.Length ? record.Eigenvalues[^1] : double.NaN,
                FigurePanel.Grey,
                1f
            );
        panel.Bursts(
            "smallest",
            curvature,
            record => record.ConvergedLambdaMin() ?? double.NaN,
            FigurePanel.Black,
            1f,
            MarkerShape.OpenDiamond
        );
        return panel;
    }

    private static FigurePanel Rotation(FigureAxis across, IReadOnlyList<CurvatureRecord> curvature)
    {
        var panel = new FigurePanel(across, "rotation, 1 − overlap", 180, FigureScale.Linear, (-0.03, 1.03));
        AddRotation(
            panel,
            "flip (lag 1)",
            curvature,
            record => record.Flip,
            FigurePanel.Vermilion,
            MarkerShape.FilledTriangleUp
        );
        AddRotation(
            panel,
            "drift per bounce (lag 2)",
            curvature,
            record => record.DriftPerBounce,
            FigurePanel.Green,
            MarkerShape.FilledSquare
        );
        AddRotation(
            panel,
            "drift (between bursts)",
            curvature,
            record => record.Drift,
            FigurePanel.Blue,
            MarkerShape.FilledCircle
        );
        // Points, not a line: between two instabilities nothing is turned across.
        panel.Points(
            "across instabilities",
            curvature
                .Where(record => record.Across is not null)
                .Select(record => ((double)record.Step, record.Across!.Rotation)),
            FigurePanel.Orange,
            MarkerShape.OpenDiamond,
            8
        );
        AddRotation(
            panel,
            "re-solve baseline",
            curvature,
            record => record.Resolve,
            FigurePanel.Purple,
            MarkerShape.Cross
        );
        var measured = curvature
            .SelectMany(record => new[] { record.Flip, record.DriftPerBounce, record.Drift })
            .OfType<RotationRecord>()
            .ToArray();
        if (measured.Length > 0)
            panel.Note = $"random spaces: 1 − {FigurePanel.Number(measured[0].Chance)}";
        return panel;
    }

    private static void AddRotation(
        FigurePanel panel,
        string name,
        IReadOnlyList<CurvatureRecord> curvature,
        Func<CurvatureRecord, RotationRecord?> of,
        string color,
        MarkerShape marker
    )
    {
        var measured = curvature
            .Select(record => (Step: (double)record.Step, Rotation: of(record)))
            .Where(point => point.Rotation is not null)
            .ToArray();
        panel.Band(
            measured.Select(point => (point.Step, 1 - point.Rotation!.OverlapHigh, 1 - point.Rotation.OverlapLow)),
            color
        );
        panel.Line(name, measured.Select(point => (point.Step, point.Rotation!.Rotation)), color, 1.2f, marker);
    }

    /// <summary>
    /// Steps to shade; where there are hundreds, those less than half a pixel apart are shaded as one.
    /// </summary>
    private static List<(double From, double To, bool Even)> Shades(CycleRecord[] cycles, double last)
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
    internal static IReadOnlyList<Bracket> Brackets(IEnumerable<CycleRecord> cycles, double last) =>
        [
            .. cycles.Select(cycle => new Bracket(
                cycle.Onset,
                cycle.Resolution ?? last,
                FigurePanel.Number((long)cycle.Number) + (cycle.Resolution is null ? " open" : "")
            )),
        ];

    internal static CycleRecord[] Cycles(IReadOnlyList<EventRecord> events) =>
        [
            .. events
                .Where(happened => happened.Kind == "onset")
                .Select(onset => new CycleRecord(
                    onset.Cycle ?? 0,
                    onset.Step,
                    onset.Step,
                    onset.Sharpness ?? double.NaN,
                    double.NaN,
                    double.NaN,
                    events
                        .FirstOrDefault(happened => happened.Kind == "resolution" && happened.Cycle == onset.Cycle)
                        ?.Step
                )),
        ];

    private static string Title(RunFigureData data) =>
        data.Summary is { } summary
            ? $"{data.Name}: {summary.Outcome.Replace('_', ' ')}"
            : $"{data.Name}: unfinished, {Counted.Of(data.Steps.Count, "step")}";

    private static string Subtitle(RunFigureData data, CycleRecord[] cycles)
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
                parts.Add($"test accuracy {Percent.Of(accuracy)}");
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

    private static string Count(CycleRecord[] cycles)
    {
        var open = cycles.Count(cycle => cycle.Resolution is null);
        return cycles.Length == 0
            ? "no instability"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{cycles.Length} "
                    + $"{(cycles.Length == 1 ? "instability" : "instabilities")}{(open == 0 ? "" : cycles.Length == 1 ? ", open" : ", the last one open")}"
            );
    }
}
