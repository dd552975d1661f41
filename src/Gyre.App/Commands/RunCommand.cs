using Gyre.App.Processes;
using Gyre.App.Terminal;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>
/// `gyre run`: resolves the spec, starts the child process, shows its progress, and reports the result.
/// </summary>
internal sealed class RunCommand(StopSignals signals) : Command<RunSettings>
{
    public override int Execute(CommandContext context, RunSettings settings, CancellationToken stop)
    {
        var request = RunRequest.Read(settings);
        var voice = Voice.Create(AnsiConsole.Console, settings.Quiet, settings.Json);
        var session = new RunSession(request.Spec, request.Folder, settings.Json, voice);
        if (request.IsFinished)
            return session.ShowFinished();
        request.RefuseWhileHeld();
        session.Describe(request.Remarks(), request.Describe());
        request.CheckModule(stop);
        using var child = session.Start(() => request.Start());
        using var ending = new ChildStop(child, signals, stop);
        session.Follow(child, stop);
        return session.Conclude(child.End(), stop.IsCancellationRequested);
    }
}
