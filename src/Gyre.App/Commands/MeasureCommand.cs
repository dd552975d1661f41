using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>
/// `gyre measure`: finds the checkpoints of a training, starts the process that measures them, and shows it the way
/// `gyre run` shows a run.
/// </summary>
internal sealed class MeasureCommand(StopSignals signals) : Command<MeasureSettings>
{
    public override int Execute(CommandContext context, MeasureSettings settings, CancellationToken stop)
    {
        var request = MeasureRequest.Read(settings);
        var voice = Voice.Create(AnsiConsole.Console, settings.Quiet, settings.Json);
        var session = new RunSession(request.Spec, request.Folder, settings.Json, voice);
        if (request.IsFinished)
            return session.ShowFinished();
        request.RefuseWhileHeld();
        session.Describe(request.Remarks(), request.Describe());
        request.CheckModule(stop);
        using var child = session.Start(request.Start);
        using var ending = new ChildStop(child, signals, stop);
        session.Follow(child, stop, request.FindSteps);
        var end = child.End();
        if (settings.Quiet && request.Folder.Status != RunStatus.Missing)
            session.ShowNotes();
        return session.Conclude(end, stop.IsCancellationRequested);
    }
}
