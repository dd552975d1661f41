using System.ComponentModel;
using System.Runtime.InteropServices;
using Gyre.App.Live;
using Gyre.Lab.Experiments;
using Gyre.Lab.Runs;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>What `gyre run` is told.</summary>
internal sealed class RunSettings : CommandSettings
{
    [CommandArgument(0, "[SPEC]")]
    [Description("A preset (see `gyre spec`) or a TOML file. Default: fashion-mlp.")]
    [DefaultValue(SpecReader.DefaultPreset)]
    public string Spec { get; init; } = SpecReader.DefaultPreset;

    [CommandOption("--set <KEY=VALUE>")]
    [Description("Set one key of the spec, such as training.learning_rate=0.3. May be given again and again.")]
    public string[] Sets { get; init; } = [];

    [CommandOption("--out <DIR>")]
    [Description("Folder for run folders. Default: runs.")]
    [DefaultValue("runs")]
    public string Out { get; init; } = "runs";
}

/// <summary>`gyre run`: resolves the spec, starts the child, shows how it goes, and says what came of it.</summary>
internal sealed class RunCommand : Command<RunSettings>
{
    public override int Execute(CommandContext context, RunSettings settings, CancellationToken cancellation)
    {
        var spec = SpecReader.Read(settings.Spec, settings.Sets);
        var folder = new RunFolder(Path.Combine(settings.Out, Run.FolderName(spec)));
        if (folder.Status != RunStatus.Missing)
            folder.Check();
        var console = AnsiConsole.Console;
        if (folder.Status == RunStatus.Finished)
        {
            console.WriteLine($"{folder.Path} is finished: nothing to do. Another seed or step size makes another run.");
            return Ending.Show(console, folder, spec);
        }
        if (folder.Status == RunStatus.Unfinished && RunLock.IsHeld(folder))
            RunLock.Take(folder).Dispose();
        return Supervise(console, spec, folder);
    }

    private static int Supervise(IAnsiConsole console, RunSpec spec, RunFolder folder)
    {
        using var child = ChildRun.Start(Program(), spec, folder);
        var asked = 0;
        void Interrupt(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (Interlocked.Increment(ref asked) == 1)
                child.Stop();
            else
                child.Kill();
        }
        using var onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Interrupt);
        using var onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Interrupt);
        new LiveView(console, TimeProvider.System).Follow(spec, folder, () => !child.Wait(TimeSpan.FromMilliseconds(150)), () => asked > 0);
        return Conclude(console, spec, folder, child.End(), asked > 0);
    }

    private static int Conclude(IAnsiConsole console, RunSpec spec, RunFolder folder, ChildEnd end, bool interrupted)
    {
        if (end.ExitCode == Exit.Done)
            return Ending.Show(console, folder, spec);
        if (end.ExitCode == Exit.WrongInput)
        {
            foreach (var line in end.LastWords)
                Console.Error.WriteLine(line);
            return Exit.WrongInput;
        }
        if (interrupted || end.ExitCode == Exit.Interrupted)
        {
            Console.Error.WriteLine($"Interrupted. Nothing is lost: the same command goes on from the last checkpoint in {folder.Path}.");
            return Exit.Interrupted;
        }
        RunWriter.Note(folder, new SessionRecord(TimeProvider.System.GetUtcNow(), "failed", Checkpoints.Steps(folder) is [var latest, ..] ? latest : 0, Environment.ProcessId, $"{end.Reason}; last words: {string.Join(" | ", end.LastWords)}"));
        Console.Error.WriteLine($"The process of the run died: {end.Reason}.");
        foreach (var line in end.LastWords)
            Console.Error.WriteLine($"  {line}");
        Console.Error.WriteLine($"{folder.Path} is as it was at its last line; the same command goes on from the last checkpoint.");
        return Exit.Failed;
    }

    /// <summary>This program as a child: the host and the assembly when run by `dotnet`, else the executable itself.</summary>
    private static string[] Program()
    {
        var host = Environment.ProcessPath!;
        var assembly = Path.Combine(AppContext.BaseDirectory, "gyre.dll");
        return Path.GetFileNameWithoutExtension(host) == "dotnet" ? [host, assembly, "run-child"] : [host, "run-child"];
    }
}
