using Gyre.App.Processes;
using Gyre.App.Terminal;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>`gyre run`: resolves the spec, starts the child, shows how it goes, and says what came of it.</summary>
internal sealed class RunCommand(StopSignals signals) : Command<RunSettings>
{
    public override int Execute(CommandContext context, RunSettings settings, CancellationToken stop)
    {
        var request = RunRequest.Read(settings);
        var session = new RunSession(request, Voice.Create(AnsiConsole.Console, settings.Quiet, settings.Json));
        if (request.IsFinished)
            return session.ShowFinished();
        request.RefuseWhileHeld();
        session.Describe();
        request.CheckModule(stop);
        using var child = session.Start();
        using var ending = new ChildStop(child, signals, stop);
        session.Follow(child, stop);
        return session.Conclude(child.End(), stop.IsCancellationRequested);
    }
}
