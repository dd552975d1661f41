using System.Globalization;
using Gyre.Lab.Runs;
using ScottPlot;
using SkiaSharp;

namespace Gyre.Lab.Reports;

/// <summary>The figure of a run: loss and accuracy, sharpness against 2/eta, eigenvalues, rotation with its error band; instabilities shaded.</summary>
public static class RunFigure
{
    private const int Width = 1000;
    private const int PanelHeight = 210;
    private const int TitleHeight = 46;
    private const int FooterHeight = 22;
    private const float PngScale = 2;

    private static readonly PixelPadding Padding = new(78, 172, 8, 8); // left, right (the legend), bottom, top
    private static readonly PixelPadding LastPadding = new(78, 172, 42, 8);

    /// <summary>Draws a run folder, finished or not, into its folder report/ as figure.svg and figure.png.</summary>
    /// <returns>Paths of the files.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Save(RunReader run, string name)
    {
        ArgumentNullException.ThrowIfNull(run);
        var panels = Panels(run.Steps, run.Curvature, run.Summary?.Cycles ?? OpenCycles(run.Events));
        var (title, footer) = (Title(run, name), Footer(run));
        var (svg, png) = (Path.Combine(run.Folder.Report, "figure.svg"), Path.Combine(run.Folder.Report, "figure.png"));
        RunFolder.Guarded(run.Folder.Report, () =>
        {
            Directory.CreateDirectory(run.Folder.Report);
            WholeFile.Write(svg, ToSvg(panels, title, footer));
            WholeFile.Write(png, ToPng(panels, title, footer));
            return true;
        });
        return [svg, png];
    }

    /// <summary>The panels, top to bottom.</summary>
    internal static IReadOnlyList<Plot> Panels(IReadOnlyList<StepRecord> steps, IReadOnlyList<CurvatureRecord> curvature, IReadOnlyList<CycleRecord> cycles)
    {
        var last = steps.Count == 0 ? 1 : Math.Max(1, steps[^1].Step);
        FigurePanel[] panels = [Loss(steps), Accuracy(steps), Sharpness(steps, curvature), Eigenvalues(curvature), Rotation(curvature)];
        foreach (var panel in panels)
        {
            foreach (var cycle in cycles)
                panel.Shade(cycle.Onset, cycle.Resolution ?? last, cycle.Resolution is null);
            var final = panel == panels[^1];
            panel.Plot.Layout.Fixed(final ? LastPadding : Padding);
            panel.Plot.Axes.SetLimitsX(0, last);
            panel.Plot.Axes.Bottom.TickLabelStyle.IsVisible = final;
            if (final)
                panel.Plot.XLabel("step", 12);
            panel.Plot.Axes.Bottom.Label.Bold = false;
            panel.Plot.ShowLegend(Edge.Right);
        }
        return [.. panels.Select(panel => panel.Plot)];
    }

    private static FigurePanel Loss(IReadOnlyList<StepRecord> steps)
    {
        var panel = new FigurePanel("loss (log scale)");
        static double Log(double? loss) => loss is > 0 ? Math.Log10(loss.Value) : double.NaN;
        panel.Line("training", steps.Select(step => ((double)step.Step, Log(step.Loss))), FigurePanel.Blue);
        panel.Line("test", steps.Where(step => step.TestLoss is not null).Select(step => ((double)step.Step, Log(step.TestLoss))), FigurePanel.Vermilion, 1.2f, MarkerShape.OpenCircle);
        var logs = steps.SelectMany(step => new[] { Log(step.Loss), Log(step.TestLoss) }).Where(double.IsFinite).DefaultIfEmpty(0).ToArray();
        panel.LogarithmicTicks(logs.Min(), logs.Max());
        return panel;
    }

    private static FigurePanel Accuracy(IReadOnlyList<StepRecord> steps)
    {
        var panel = new FigurePanel("accuracy, %");
        panel.Line("training", steps.Select(step => ((double)step.Step, 100 * step.Accuracy)), FigurePanel.Blue);
        panel.Line("test", steps.Where(step => step.TestAccuracy is not null).Select(step => ((double)step.Step, 100 * step.TestAccuracy!.Value)), FigurePanel.Vermilion, 1.2f, MarkerShape.OpenCircle);
        return panel;
    }

    private static FigurePanel Sharpness(IReadOnlyList<StepRecord> steps, IReadOnlyList<CurvatureRecord> curvature)
    {
        var panel = new FigurePanel("sharpness");
        panel.Line("sharpness", curvature.Select(record => ((double)record.Step, record.Sharpness)), FigurePanel.Blue, 1.5f, MarkerShape.FilledCircle);
        panel.Line("2/eta", steps.Select(step => ((double)step.Step, 2 / step.LearningRate)), FigurePanel.Black, 2.5f);
        return panel;
    }

    private static FigurePanel Eigenvalues(IReadOnlyList<CurvatureRecord> curvature)
    {
        var panel = new FigurePanel("eigenvalues");
        string[] colors = [FigurePanel.Blue, FigurePanel.Orange, FigurePanel.Green, FigurePanel.Vermilion, FigurePanel.Purple, FigurePanel.Sky];
        var pairs = curvature.Count == 0 ? 0 : curvature.Max(record => record.Eigenvalues.Length);
        for (var i = 0; i < Math.Min(pairs, colors.Length); i++)
        {
            var rank = i;
            panel.Line($"λ{i + 1}", curvature.Where(record => record.Eigenvalues.Length > rank).Select(record => ((double)record.Step, record.Eigenvalues[rank])), colors[i], 1.2f);
        }
        panel.Line("most negative", curvature.Select(record => ((double)record.Step, record.LambdaMin)), FigurePanel.Black, 1f, MarkerShape.OpenDiamond);
        return panel;
    }

    private static FigurePanel Rotation(IReadOnlyList<CurvatureRecord> curvature)
    {
        var panel = new FigurePanel("rotation, 1 − overlap");
        AddRotation(panel, "flip (lag 1)", curvature, record => record.Flip, FigurePanel.Vermilion, MarkerShape.FilledTriangleUp);
        AddRotation(panel, "drift per bounce", curvature, record => record.DriftPerBounce, FigurePanel.Green, MarkerShape.FilledSquare);
        AddRotation(panel, "drift (bursts)", curvature, record => record.Drift, FigurePanel.Blue, MarkerShape.FilledCircle);
        AddRotation(panel, "re-solve", curvature, record => record.Resolve, FigurePanel.Purple, MarkerShape.Cross);
        panel.Plot.Axes.SetLimitsY(-0.03, 1.03);
        return panel;
    }

    private static void AddRotation(
        FigurePanel panel, string name, IReadOnlyList<CurvatureRecord> curvature, Func<CurvatureRecord, RotationRecord?> of, string color, MarkerShape marker)
    {
        var measured = curvature.Select(record => (Step: (double)record.Step, Rotation: of(record))).Where(point => point.Rotation is not null).ToArray();
        panel.Band(measured.Select(point => (point.Step, 1 - point.Rotation!.OverlapHigh, 1 - point.Rotation.OverlapLow)), color);
        panel.Line(name, measured.Select(point => (point.Step, point.Rotation!.Rotation)), color, 1.2f, marker);
    }

    private static CycleRecord[] OpenCycles(IReadOnlyList<EventRecord> events) =>
    [
        .. events.Where(happened => happened.Kind == "onset").Select(onset => new CycleRecord(
            onset.Cycle ?? 0, onset.Step, onset.Step, onset.Sharpness ?? double.NaN, double.NaN, double.NaN,
            events.FirstOrDefault(happened => happened.Kind == "resolution" && happened.Cycle == onset.Cycle)?.Step)),
    ];

    private static string Title(RunReader run, string name) => run.Summary is { } summary
        ? string.Create(CultureInfo.InvariantCulture, $"{name}: {summary.Outcome.Replace('_', ' ')}; eta at {RunTable.Text(summary.EdgeUnits, 3)} edge units, {summary.Cycles.Length} instabilities")
        : string.Create(CultureInfo.InvariantCulture, $"{name}: unfinished, {run.Steps.Count} steps");

    private static string Footer(RunReader run) =>
        $"gyre {run.Environment?.Gyre.Split('+')[0] ?? ""} · {Path.GetFileName(Path.GetFullPath(run.Folder.Path))} · shaded: instabilities · bands: angle error bars";

    private static int HeightOf(int panels) => TitleHeight + panels * PanelHeight + 34 + FooterHeight;

    private static void Draw(SKCanvas canvas, IReadOnlyList<Plot> panels, string title, string footer)
    {
        canvas.Clear(SKColors.White);
        var top = (float)TitleHeight;
        for (var i = 0; i < panels.Count; i++)
        {
            var height = PanelHeight + (i == panels.Count - 1 ? 34 : 0);
            panels[i].Render(canvas, new PixelRect(0, Width, top + height, top));
            top += height;
        }
        Write(canvas, title, 17, 28, SKColors.Black);
        Write(canvas, footer, 11, top + 12, new SKColor(0x60, 0x60, 0x60));
    }

    private static void Write(SKCanvas canvas, string text, float size, float baseline, SKColor color)
    {
        using var font = new SKFont(Fonts.GetTypeface(FigureFont.Family, false, false), size);
        using var paint = new SKPaint { Color = color, IsAntialias = true };
        canvas.DrawText(text, 16, baseline, SKTextAlign.Left, font, paint);
    }

    private static byte[] ToPng(IReadOnlyList<Plot> panels, string title, string footer)
    {
        using var surface = SKSurface.Create(new SKImageInfo((int)(Width * PngScale), (int)(HeightOf(panels.Count) * PngScale)));
        surface.Canvas.Scale(PngScale);
        Draw(surface.Canvas, panels, title, footer);
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    private static byte[] ToSvg(IReadOnlyList<Plot> panels, string title, string footer)
    {
        using var stream = new MemoryStream();
        using (var canvas = SKSvgCanvas.Create(SKRect.Create(Width, HeightOf(panels.Count)), stream))
            Draw(canvas, panels, title, footer);
        var text = System.Text.Encoding.UTF8.GetString(stream.ToArray());
        var afterTag = text.IndexOf('>', text.IndexOf("<svg", StringComparison.Ordinal)) + 1;
        return System.Text.Encoding.UTF8.GetBytes(text.Insert(afterTag, FigureFont.StyleSheet));
    }
}
