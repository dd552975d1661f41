using Gyre.App.Terminal;
using Spectre.Console;

namespace Gyre.App.Live;

/// <summary>
/// Shows a run in progress: redrawn in place on a capable terminal, elsewhere at most one line per second.
/// </summary>
internal sealed class LiveView(IAnsiConsole console, TimeProvider time)
{
    /// <summary>Shows the progress until the run's process has ended.</summary>
    /// <param name="progress">The progress of the run.</param>
    /// <param name="running">Waits a moment and returns whether the process still runs.</param>
    /// <param name="stop">Set when a stop is requested.</param>
    public void Follow(RunProgress progress, Func<bool> running, CancellationToken stop)
    {
        var profile = console.Profile;
        if (profile.Out.IsTerminal && profile.Capabilities is { Interactive: true, Ansi: true })
        {
            Redraw(progress, running, stop);
            WriteNotes(progress, 0);
        }
        else
            Lines(progress, running);
    }

    private void Redraw(RunProgress progress, Func<bool> running, CancellationToken stop) =>
        console
            .Live(LivePicture.Draw(progress, false))
            .AutoClear(true)
            .Start(context =>
            {
                while (running())
                {
                    progress.Poll();
                    context.UpdateTarget(LivePicture.Draw(progress, stop.IsCancellationRequested));
                }
                progress.Poll();
            });

    /// <summary>Writes the notes from the given index on, and returns their total number.</summary>
    private int WriteNotes(RunProgress progress, int from)
    {
        foreach (var note in progress.Notes.Skip(from))
            ConsoleLine.Write(console, $"note: {note}");
        return progress.Notes.Count;
    }

    /// <summary>Writes directly to the writer, because a console would break lines at its width.</summary>
    private void Lines(RunProgress progress, Func<bool> running)
    {
        var clock = new ProgressClock(time);
        var (shown, notes) = ((long?)null, 0);
        void Show()
        {
            console.Profile.Out.Writer.WriteLine(LivePicture.Plain(progress));
            console.Profile.Out.Writer.Flush();
            shown = progress.Step!.Step;
            clock.Restart();
        }
        while (running())
        {
            if (progress.Poll() && (shown is null || clock.IsDue))
                Show();
            notes = WriteNotes(progress, notes);
        }
        progress.Poll();
        WriteNotes(progress, notes);
        if (progress.Step is { } step && step.Step != shown)
            Show();
    }
}
