using Gyre.Lab.Experiments;
using Gyre.Lab.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Gyre.App.Live;

/// <summary>Shows a run while it goes: redrawn in place on a terminal, a line a second at most elsewhere.</summary>
internal sealed class LiveView(IAnsiConsole console, TimeProvider time)
{
    private const int BarWidth = 40;

    /// <summary>Follows until the run's process has ended.</summary>
    /// <param name="spec">Of the run.</param>
    /// <param name="folder">Whose files are read.</param>
    /// <param name="running">Waits a moment and says whether the process still runs.</param>
    /// <param name="stopping">Whether an end was asked for.</param>
    public void Follow(RunSpec spec, RunFolder folder, Func<bool> running, Func<bool> stopping)
    {
        var progress = new RunProgress(spec, folder, time);
        console.WriteLine($"{folder.Path}: {spec.Data.Name}, N = {spec.Data.Samples}; {spec.Model.Name} {string.Join("-", spec.Model.Widths)} {spec.Model.Activation}; {spec.Objective.Loss}; eta = {spec.Training.LearningRate.ToString(System.Globalization.CultureInfo.InvariantCulture)}");
        if (console.Profile.Capabilities.Interactive && console.Profile.Capabilities.Ansi && console.Profile.Out.IsTerminal)
            Redraw(progress, running, stopping);
        else
            Lines(progress, running);
    }

    /// <summary>The picture of a moment.</summary>
    public static IRenderable Picture(RunProgress progress, bool stopping)
    {
        var done = (int)Math.Round(progress.Share * BarWidth);
        var hot = progress.Ratio >= 1;
        return new Rows(
            new Markup($"[green]{new string('━', done)}[/][grey]{new string('─', BarWidth - done)}[/] {Markup.Escape(progress.Position)}  {Markup.Escape(progress.Left)}"),
            new Markup(Markup.Escape(progress.Loss)),
            new Markup($"{(hot ? "[red]" : "")}{Markup.Escape(progress.Sharpness)}{(hot ? "[/]" : "")}  {Markup.Escape(progress.Cycles)}"),
            new Markup(Markup.Escape($"{progress.Rotation}  {progress.Products}")),
            new Markup(stopping ? "[yellow]stopping at the next step, with a checkpoint; Ctrl-C again ends at once[/]" : ""));
    }

    private void Redraw(RunProgress progress, Func<bool> running, Func<bool> stopping) =>
        console.Live(Picture(progress, false)).AutoClear(true).Start(context =>
        {
            while (running())
            {
                progress.Poll();
                context.UpdateTarget(Picture(progress, stopping()));
            }
        });

    private void Lines(RunProgress progress, Func<bool> running)
    {
        var last = long.MinValue;
        while (running())
        {
            if (!progress.Poll() || (last != long.MinValue && time.GetElapsedTime(last).TotalSeconds < 1))
                continue;
            last = time.GetTimestamp();
            Console.Out.WriteLine($"{progress.Position}  {progress.Left}  {progress.Loss}  {progress.Sharpness}  {progress.Rotation}  {progress.Cycles}");
            Console.Out.Flush();
        }
    }
}
