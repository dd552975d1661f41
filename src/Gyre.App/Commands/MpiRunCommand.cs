using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.Running;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>
/// `gyre run`, possibly started by a launcher. A single process behaves like <see cref="RunCommand"/>. If there are
/// several, the first shows the run in the same way, and the others are silent unless they fail.
/// </summary>
internal sealed class MpiRunCommand(StopSignals signals) : Command<RunSettings>
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(150);

    public override int Execute(CommandContext context, RunSettings settings, CancellationToken stop)
    {
        if (MpiProcess.Find() is not { } process)
            return new RunCommand(signals).Execute(context, settings, stop);
        try
        {
            var request = RunRequest.Read(settings);
            return process.Leads ? Lead(process, request, stop) : Follow(process, request, stop);
        }
        catch (Exception error)
        {
            if (!process.MayReport())
                return Exit.Done;
            var code = Failure.Report(error, settings.Verbose ? ["run", "--verbose"] : ["run"]);
            process.EndOthers(code);
            return code;
        }
    }

    private int Lead(MpiProcess process, RunRequest request, CancellationToken stop)
    {
        // A launcher forwards lines, so nothing is redrawn.
        var console = Voice.Plain(Console.Out);
        var (quiet, json) = (request.Settings.Quiet, request.Settings.Json);
        var session = new RunSession(request.Spec, request.Folder, json, Voice.Create(console, quiet, json));
        if (request.IsFinished)
            return session.ShowFinished();
        // the child checks for all ranks whether another process holds the folder
        session.Describe(request.Remarks(), $"{request.Describe()}{process.Sharing}");
        request.CheckModule(stop);
        using var child = session.Start(() => request.Start(MpiRunChild.Option));
        MpiProcess.OnFailureElsewhere(child.Kill);
        using var ending = new ChildStop(child, signals, stop);
        session.Follow(child, stop);
        var end = child.End();
        if (IsReportedByAnother(end))
            return Exit.Done;
        var code = session.Conclude(end, stop.IsCancellationRequested, Describe(process, end));
        if (code is Exit.WrongInput or Exit.Failed)
            process.EndOthers(code);
        return code;
    }

    private int Follow(MpiProcess process, RunRequest request, CancellationToken stop)
    {
        if (request.IsFinished)
            return Exit.Done;
        request.CheckModule(stop);
        using var child = request.Start(MpiRunChild.Option);
        MpiProcess.OnFailureElsewhere(child.Kill);
        using var ending = new ChildStop(child, signals, stop);
        while (!child.Wait(Look)) { }
        var end = child.End();
        if (end.ExitCode is Exit.Done or Exit.Interrupted || IsReportedByAnother(end))
            return Exit.Done;
        if (stop.IsCancellationRequested && RunSession.IsKilled(end))
            return Exit.Interrupted;
        var code = RunSession.ReportFailure(end, request.Folder, Describe(process, end));
        process.EndOthers(code);
        return code;
    }

    /// <summary>
    /// A failure that all ranks agreed on is reported by the first rank, a failure of one rank by that rank.
    /// </summary>
    private static bool IsReportedByAnother(ChildEnd end) =>
        end.ExitCode == MpiRunChild.FailedElsewhereCode || (MpiProcess.OtherHasFailed && RunSession.IsDeath(end));

    private static string Describe(MpiProcess process, ChildEnd end) =>
        $"{process.Describe(end.Process)}, and with it the run,";
}
