using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using Gyre.App.Folders;
using Gyre.App.Live;
using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Gyre.Lab.Models;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Torch;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre run`.</summary>
internal sealed class RunSettings : GyreSettings
{
    public const string DefaultOut = "runs";

    [CommandArgument(0, "[SPEC]")]
    [Description(
        "A preset (see `gyre spec`), a TOML file, a TorchScript file, or a run folder to resume. Default: fashion-mlp"
    )]
    public string Spec { get; init; } = SpecReader.DefaultPreset;

    [CommandOption("--data <NAME>")]
    [Description("Data set (see `gyre data list`). Default: the spec's own; fashion-mnist for a TorchScript file")]
    public string? Data { get; init; }

    [CommandOption("--data-path <PATH>")]
    [Description("Its files, for data sets that are not shipped")]
    public string? DataPath { get; init; }

    [CommandOption("--samples <COUNT>")]
    [Description("Number of training samples. Default: the spec's own; all for a TorchScript file")]
    public int? Samples { get; init; }

    [CommandOption("--loss <NAME>")]
    [Description("cross-entropy or squared-error. Default: the spec's own; cross-entropy for a TorchScript file")]
    public string? Loss { get; init; }

    [CommandOption("--set <KEY=VALUE>")]
    [Description("Set one key of the spec, such as training.learning_rate=0.3. May be given again and again")]
    public string[] Sets { get; init; } = [];

    [CommandOption("--probe <NAME>")]
    [Description("Measure more: self-stabilisation, re-solve or trace. May be given again and again")]
    public string[] Probes { get; init; } = [];

    [CommandOption("--out <DIR>")]
    [Description("Folder for run folders. Default: runs")]
    public string Out { get; init; } = DefaultOut;

    [CommandOption("--json <FILE>")]
    [Description(
        "Write what came of it there too as JSON; - prints it in place of the table, and progress goes to "
            + "standard error"
    )]
    public string? Json { get; init; }

    [CommandOption("--quiet")]
    [Description("Show no progress; what came of it, and errors, are still shown")]
    public bool Quiet { get; init; }
}

/// <summary>`gyre run`: resolves the spec, starts the child, shows how it goes, and says what came of it.</summary>
internal sealed class RunCommand : Command<RunSettings>
{
    private static readonly Dictionary<string, string> ProbeKeys = new()
    {
        ["self-stabilisation"] = "curvature.self_stabilisation=true",
        ["re-solve"] = "curvature.resolve=true",
        ["trace"] = "curvature.trace_probes=3",
    };

    /// <summary>What --probe takes.</summary>
    public static IReadOnlyCollection<string> Probes => ProbeKeys.Keys;

    private const int Terminated = 128 + 15;
    private const int Killed = 128 + 9;

    public override int Execute(CommandContext context, RunSettings settings, CancellationToken cancellation)
    {
        var seat = RankSeat.Find();
        try
        {
            return Go(settings, seat);
        }
        catch (Exception error) when (seat.Shared)
        {
            if (!seat.MaySpeak())
                return Exit.Done;
            var code = Failure.Report(error, settings.Verbose ? ["run", "--verbose"] : ["run"]);
            seat.TellTheOthers(code);
            return code;
        }
    }

    private static int Go(RunSettings settings, RankSeat seat)
    {
        var sets = Sets(settings);
        var given = Spec(settings, sets);
        var spec = SpecData.Bound(given);
        var folder = new RunFolder(
            Directory.Exists(settings.Spec) ? settings.Spec : Path.Combine(settings.Out, Run.FolderName(spec))
        );
        if (folder.Status != RunStatus.Missing)
            folder.Check();
        var voice = seat.Leads
            ? Voice.Of(seat.Console, settings.Quiet, settings.Json)
            : Voice.Of(seat.Console, settings.Quiet, null);
        if (folder.Status == RunStatus.Finished)
        {
            Ending.Say(
                voice.Progress,
                $"{folder.Path} is finished: nothing to do. Another seed or step size makes another run."
            );
            return seat.Leads ? Shown(voice, folder, spec, settings.Json) : Exit.Done;
        }
        if (
            folder.Status == RunStatus.Missing
            && given.Data.Checksum.Length == 0
            && Run.OfOtherData(spec, folder) is { } other
        )
            Ending.Say(
                voice.Remarks,
                $"The data has changed since {other.Path} was made (another SHA-256). This is another run, in "
                    + $"{folder.Path}."
            );
        // Among several the child looks, when all can be told.
        if (!seat.Shared && folder.Status == RunStatus.Unfinished && RunLock.IsHeld(folder))
            RunLock.Take(folder).Dispose(); // refused, in a sentence that names the holder
        foreach (var remark in Directory.Exists(settings.Spec) ? [] : UnusedKeys.Of(Source(settings.Spec), sets))
            Ending.Say(voice.Remarks, $"note: {remark}");
        var rate = spec.Training.LearningRate.ToString(CultureInfo.InvariantCulture);
        Ending.Say(voice.Progress, $"{Described(spec)} · {spec.Objective.Loss} · eta = {rate}{seat.Sharing}");
        if (folder.Status == RunStatus.Missing)
            ModuleCheck.Require(spec);
        return Supervise(new Watch(seat, voice, spec, folder, settings.Json), settings.Verbose);
    }

    /// <summary>A finished run, and what is wrong with its folder.</summary>
    private static int Shown(Voice voice, RunFolder folder, RunSpec spec, string? json)
    {
        var files = Ending.Show(voice.Result, folder, spec);
        var run = RunReader.Open(folder.Path);
        var flaws = RunCheck.Flaws(run);
        JsonAnswer.Write(json, () => RunAnswer.Of(run, spec.Name, files, flaws));
        foreach (var flaw in flaws)
            Ending.Warn(flaw);
        if (flaws.Count > 0)
            Ending.Warn($"To make the run again, remove {folder.Path} and give the same command.");
        return flaws.Count == 0 ? Exit.Done : Exit.WrongInput;
    }

    private static string[] Sets(RunSettings settings) =>
        [
            .. ModelWords.IsModule(settings.Spec) ? ModelWords.TorchScript(settings.Spec) : [],
            .. ModelWords.Data(settings.Data, settings.DataPath, settings.Samples, settings.Loss),
            .. settings.Probes.Where(ProbeKeys.ContainsKey).Select(probe => ProbeKeys[probe]),
            .. settings.Sets,
        ];

    private static string Source(string named) => ModelWords.IsModule(named) ? SpecReader.DefaultPreset : named;

    private static RunSpec Spec(RunSettings settings, string[] sets)
    {
        SpecMistake[] probes = [.. settings.Probes.Where(probe => !ProbeKeys.ContainsKey(probe)).Select(NoProbe)];
        try
        {
            var spec = Directory.Exists(settings.Spec)
                ? Resumed(new RunFolder(settings.Spec), sets)
                : SpecReader.Read(Source(settings.Spec), sets);
            return probes.Length == 0 ? spec : throw new SpecException(probes);
        }
        catch (SpecException error) when (probes.Length > 0 && !error.Mistakes.SequenceEqual(probes))
        {
            throw new SpecException([.. probes, .. error.Mistakes], error.Spec);
        }
    }

    /// <summary>A run of a folder, wherever it lies and whatever has moved since.</summary>
    private static RunSpec Resumed(RunFolder folder, string[] sets)
    {
        folder.Check();
        if (folder.Status == RunStatus.Unfinished)
            RunCheck.RequireSpec(RunReader.Open(folder.Path)); // of a finished run it is told beside its results
        var (begun, asked) = (SpecReader.Read(folder.Spec), SpecReader.Read(folder.Spec, sets));
        return SpecText.Id(begun) == SpecText.Id(asked)
            ? asked
            : throw new SpecException([
                new(
                    "--set",
                    $"makes another run than that of {folder.Path}, which can only be resumed as it was "
                        + $"begun; gyre run {folder.Spec} with the same --set makes the other one"
                ),
            ]);
    }

    private static SpecMistake NoProbe(string probe)
    {
        var near = NearestName.Of(probe, ProbeKeys.Keys) is { } name ? $" (did you mean {name}?)" : "";
        return new("--probe", $"{probe} is not a probe{near}; there are {string.Join(", ", ProbeKeys.Keys)}");
    }

    private static string Described(RunSpec spec)
    {
        var data = !DataCatalog.Find(spec.Data.Name).HasFiles
            ? spec.Data.Name
            : $"{spec.Data.Name}, {(spec.Data.Samples == 0 ? "all samples" : $"N = {spec.Data.Samples}")}";
        return $"{data} · {ModelCatalog.Find(spec.Model.Name).Describe(spec.Model)}";
    }

    /// <summary>How the child's session begins, in its own words: only it knows which checkpoint is sound.</summary>
    /// <param name="folder">Of the run.</param>
    /// <param name="earlier">Lines of the history that were there before; null for a new run.</param>
    /// <returns>Null while it has not begun.</returns>
    private static string? Beginning(RunFolder folder, int? earlier)
    {
        if (folder.Status == RunStatus.Missing)
            return null;
        var session = RunReader.Open(folder.Path).ReadSessions().Skip(earlier ?? 0).ToArray();
        if (
            session.FirstOrDefault(one =>
                one.Kind
                    is SessionKinds.Started
                        or SessionKinds.Resumed
                        or SessionKinds.Interrupted
                        or SessionKinds.Failed
                        or SessionKinds.Ended
            )
            is not { } began
        )
            return null;
        var from = (began.Kind, earlier) switch
        {
            ("resumed", _) => $": resumes from the checkpoint of step {began.Step}",
            (_, null) => "",
            _ => ": was begun and has no checkpoint to resume from; it starts again",
        };
        var skipped = session
            .Where(one => one.Kind == SessionKinds.Skipped)
            .Select(one => $"{Environment.NewLine}  passed over: {one.Detail}");
        return $"{folder.Path}{from}{string.Concat(skipped)}";
    }

    /// <summary>A run that goes, and who is told of it.</summary>
    private sealed record Watch(RankSeat Seat, Voice Voice, RunSpec Spec, RunFolder Folder, string? Json);

    private static int Supervise(Watch watch, bool verbose)
    {
        var (seat, voice, spec, folder, _) = watch;
        int? earlier = folder.Status == RunStatus.Missing ? null : RunReader.Open(folder.Path).ReadSessions().Count;
        using var child = ChildRun.Start(ChildProgram.Of(RunChild.Name, verbose, seat.Options), spec, folder);
        var asked = 0;
        void Interrupt(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (Interlocked.Increment(ref asked) == 1)
                child.Stop();
            else
                child.Kill();
        }
        RankSeat.WhenTold(child.Kill);
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        using var onHangup = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Interrupt);
        bool Running() => !child.Wait(TimeSpan.FromMilliseconds(150));
        string? beginning = null; // the child may refuse; then there is nothing to say of the folder
        while ((beginning = Beginning(folder, earlier)) is null && Running()) { }
        if (beginning is not null)
            Ending.Say(voice.Progress, beginning);
        if (seat.Leads)
            TellOfData(voice.Remarks, folder, child.Id, Running);
        if (seat.Leads)
        {
            var progress = new RunProgress(spec, folder, TimeProvider.System);
            new LiveView(voice.Progress, TimeProvider.System).Follow(progress, Running, () => asked > 0);
        }
        else
            while (Running()) { }
        return Conclude(watch, child.End(), asked > 0);
    }

    /// <summary>Waits until the child has read its data, and says what it remarks on it.</summary>
    private static void TellOfData(IAnsiConsole console, RunFolder folder, int process, Func<bool> running)
    {
        var sessions = new JsonLinesTail<SessionRecord>(folder.Sessions);
        for (var (waiting, going) = (true, true); waiting && going; )
        {
            going = running();
            foreach (var session in sessions.Poll().Where(session => session.Process == process))
            {
                waiting &= session.Kind is not (SessionKinds.Started or SessionKinds.Resumed);
                if (session.Kind == SessionRecord.DataKind)
                    Ending.Say(console, $"note: {session.Detail}");
            }
        }
    }

    /// <summary>
    /// What all ranks have agreed on is the first one's to tell; what one of them failed with, that one's.
    /// </summary>
    private static int Conclude(Watch watch, ChildEnd end, bool asked) =>
        end.ExitCode switch
        {
            Exit.Done => watch.Seat.Leads ? Done(watch) : Exit.Done,
            RunChild.FailedElsewhereCode => Exit.Done,
            Exit.WrongInput or SweepRunner.FolderUnusableCode or SweepRunner.FolderBusyCode => Said(
                watch.Seat,
                end,
                Exit.WrongInput
            ),
            RunMemoryException.ChildExitCode => Said(watch.Seat, end, Exit.Failed),
            Exit.Interrupted => watch.Seat.Leads ? Interrupted(watch.Folder) : Exit.Done,
            Killed or Terminated when asked && !RankSeat.Told => watch.Seat.Leads
                ? Interrupted(watch.Folder)
                : Exit.Interrupted,
            _ when RankSeat.Told => Exit.Done,
            _ => Died(watch.Seat, watch.Folder, end),
        };

    private static int Done(Watch watch)
    {
        var files = Ending.Show(watch.Voice.Result, watch.Folder, watch.Spec);
        JsonAnswer.Write(watch.Json, () => RunAnswer.Of(RunReader.Open(watch.Folder.Path), watch.Spec.Name, files, []));
        return Exit.Done;
    }

    /// <summary>The child's own sentence is all there is to say.</summary>
    private static int Said(RankSeat seat, ChildEnd end, int code)
    {
        foreach (var line in end.LastLines)
            Console.Error.WriteLine(line);
        seat.TellTheOthers(code);
        return code;
    }

    private static int Interrupted(RunFolder folder)
    {
        Ending.Warn(
            Checkpoints.Steps(folder) is [var latest, ..]
                ? $"Interrupted. Nothing before step {latest} is lost: the same command goes on from the "
                    + $"checkpoint there, in {folder.Path}."
                : "Interrupted before the first checkpoint. The same command goes on from the start."
        );
        return Exit.Interrupted;
    }

    private static int Died(RankSeat seat, RunFolder folder, ChildEnd end)
    {
        var step = Checkpoints.Steps(folder) is [var latest, ..] ? latest : 0;
        if (seat.Leads)
            RunWriter.Note(
                folder,
                new SessionRecord(
                    TimeProvider.System.GetUtcNow(),
                    SessionKinds.Failed,
                    step,
                    Environment.ProcessId,
                    $"{end.Reason}; last words: {string.Join(" | ", end.LastLines)}"
                )
            );
        // In one piece: a launcher mixes the lines of several processes.
        Console.Error.WriteLine(
            string.Join(
                Environment.NewLine,
                (
                    (string[])
                        [
                            $"{(seat.Shared ? $"{seat.Words(end.Process)}, and with it the run," : "The process of the run")} "
                                + $"died: {end.Reason}.",
                            .. end.LastLines.Select(line => $"  {line}"),
                            Directory.Exists(folder.Path)
                                ? $"{folder.Path} is whole up to its last line; the same command goes on from "
                                    + $"{(step > 0 ? $"the checkpoint of step {step}" : "the start")}."
                                : "Nothing was written; the same command begins anew.",
                        ]
                ).Select(PlainText.Line)
            )
        );
        seat.TellTheOthers(Exit.Failed);
        return Exit.Failed;
    }
}
