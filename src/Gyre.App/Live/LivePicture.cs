using System.Globalization;
using Gyre.App.Terminal;
using Gyre.Lab.Quantities;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Torch;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gyre.App.Live;

/// <summary>
/// A snapshot of a run as text: for a terminal seven lines of at most 80 columns and an eighth for notes, for a file
/// one line. Pure.
/// </summary>
internal static class LivePicture
{
    private const int BarWidth = 44;
    private const string Levels = "▁▂▃▄▅▆▇█";
    private const string Stopping = "stopping at the next step, with a checkpoint; press Ctrl-C again to end at once";

    private static readonly IReadOnlyList<Quantity> Rotations =
    [
        .. QuantityCatalog.Rotations.Where(kind => kind.OnTerminal),
    ];

    /// <summary>Returns the picture for a terminal, redrawn in place.</summary>
    public static IRenderable Draw(RunProgress progress, bool stopping) =>
        new Rows([
            new Markup($"{Bar(progress.Share)}  {Position(progress)}  {Left(progress)}"),
            new Markup($"{History(progress.RatioHistory(BarWidth))}  [grey]sharpness over threshold[/]"),
            Line("loss", Loss(progress)),
            Line("sharpness", Sharpness(progress)),
            .. Rotations.Select(kind => Line(kind.Label, Rotation(progress.Latest(kind)))),
            Line(
                "solver",
                progress.Products is { } products
                    ? $"{NumberText.Format(products, 3)} Hessian-vector products per measurement"
                    : "—"
            ),
            new Markup(stopping ? $"[yellow]{Stopping}[/]" : LastNote(progress)),
        ]);

    /// <summary>Returns one plain line for a file or a pipe.</summary>
    public static string Plain(RunProgress progress)
    {
        var parts = new List<string> { Position(progress), Left(progress) };
        if (progress.Step is { } step)
            parts.AddRange([
                $"loss {Number(step.Loss)}",
                double.IsFinite(step.Accuracy) ? $"train {Percent.Format(step.Accuracy)}" : "",
            ]);
        if (progress.TestAccuracy is { } test)
            parts.Add($"test {Percent.Format(test)}");
        if (progress.Measured is { } measured)
        {
            var ratio = double.IsFinite(measured.Threshold) ? $" = {Number(progress.Ratio!.Value)} x threshold" : "";
            parts.AddRange([$"sharpness {Number(measured.Sharpness)}{ratio}", State(progress)]);
        }
        foreach (var kind in Rotations)
        {
            if (progress.Latest(kind) is { } rotation)
                parts.Add($"{kind.Label} {WithError(rotation)}");
        }
        return string.Join("  ", parts.Where(part => part.Length > 0));
    }

    private static string LastNote(RunProgress progress) =>
        progress.Notes is [.., var last] ? $"[grey]{TableText.Escape(PlainText.Line(last))}[/]" : "";

    private static Markup Line(string name, string markup) => new($"[grey]{name, -10}[/] {markup}");

    private static string Bar(double share)
    {
        var done = (int)Math.Round(share * BarWidth);
        return $"[green]{new string('━', done)}[/][grey]{new string('─', BarWidth - done)}[/]";
    }

    private static string History(double[] ratios)
    {
        var top = ratios.Where(double.IsFinite).DefaultIfEmpty(1).Max();
        return string.Concat(ratios.Select(ratio => Column(ratio, Math.Max(1, top))));
    }

    private static string Column(double ratio, double top)
    {
        if (double.IsNaN(ratio))
            return " ";
        var color = ratio >= 1 ? "red" : "blue";
        return $"[{color}]{Levels[Level(ratio, top)]}[/]";
    }

    private static int Level(double ratio, double top) =>
        double.IsFinite(ratio)
            ? Math.Clamp((int)(ratio / top * Levels.Length), 0, Levels.Length - 1)
            : Levels.Length - 1;

    private static string Position(RunProgress progress)
    {
        var most = progress.MayEndBefore ? " of at most " : "/";
        return progress.Checkpoints is null
            ? FormattableString.Invariant($"step {progress.Step?.Step ?? 0}{most}{progress.Steps}")
            : FormattableString.Invariant(
                $"checkpoint {progress.Done}/{progress.Total}, step {progress.Step?.Step ?? 0}"
            );
    }

    private static string Left(RunProgress progress)
    {
        if (progress.Left is not { } left)
            return "";
        var most = progress.MayEndBefore ? "at most " : "";
        return $"{most}{Duration(left)} left";
    }

    /// <summary>Unlike <see cref="DurationText.Format"/>, the text keeps its width while it counts down.</summary>
    private static string Duration(TimeSpan left) =>
        left switch
        {
            { TotalDays: >= 1 } => DurationText.Format(left.TotalSeconds),
            { TotalHours: >= 1 } => $"{left:h\\:mm\\:ss}",
            _ => $"{left:m\\:ss}",
        };

    private static string Loss(RunProgress progress)
    {
        if (progress.Step is not { } step)
            return "waiting for the first step";
        var train = double.IsFinite(step.Accuracy) ? $" train {Percent.Format(step.Accuracy)}" : "";
        var test = progress.TestAccuracy is { } accuracy ? $"  test {Percent.Format(accuracy)}" : "";
        return $"{Number(step.Loss), -10}{train}{test}";
    }

    private static string Sharpness(RunProgress progress)
    {
        if (progress.Measured is not { } measured)
            return "—";
        var ratio = double.IsFinite(measured.Threshold)
            ? $"{Number(progress.Ratio!.Value)} × threshold"
            : "no threshold";
        return $"{Number(measured.Sharpness), -10} {(progress.Ratio >= 1 ? $"[red]{ratio}[/]" : ratio)}  "
            + $"{State(progress)}";
    }

    private static string State(RunProgress progress) =>
        (progress.Cycles, progress.Unstable) switch
        {
            (0, _) => "no instability so far",
            (var cycles, true) => $"in instability {cycles}",
            (1, _) => "1 instability, resolved",
            var (cycles, _) => $"{cycles} instabilities, all resolved",
        };

    private static string Rotation(RotationRecord? rotation)
    {
        if (rotation is null)
            return "—";
        var lag = rotation.Lag == 1 ? "one step" : $"{rotation.Lag} steps";
        return $"{WithError(rotation)}   [grey]1 − overlap, {lag} apart[/]";
    }

    /// <summary>The error is rounded up, because a bound that rounds to zero would claim too much.</summary>
    private static string WithError(RotationRecord rotation)
    {
        var error = (rotation.OverlapHigh - rotation.OverlapLow) / 2;
        var rounded = Math.Max(0, Math.Ceiling(1000 * error - 1e-6)) / 1000;
        return $"{NumberText.Fixed(rotation.Rotation, 3)} ± {NumberText.Fixed(rounded, 3)}";
    }

    private static string Number(double value)
    {
        var format = value switch
        {
            > 0 and < 0.001 or >= 1e5 => "0.000e+0",
            < 10 => "0.0000",
            _ => "0.00",
        };
        return NumberText.Minus(value.ToString(format, CultureInfo.InvariantCulture));
    }
}
