using System.ComponentModel;
using System.Globalization;
using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.Exports;
using Gyre.Lab.Landscape;
using Gyre.Lab.Quantities;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre landscape`.</summary>
internal sealed class LandscapeSettings : GyreSettings
{
    [CommandArgument(0, "<RUN>")]
    [Description("A run folder, finished or not")]
    public string Run { get; init; } = "";

    [CommandOption("--at <STEP>")]
    [Description("Step to look at. Default: the one with the largest measured sharpness")]
    public long? At { get; init; }

    [CommandOption("--window <COUNT>")]
    [Description("Iterates to draw on each side of the step, 0 to 1000. Default: 10")]
    public int Window { get; init; } = new LandscapeOptions().Window;

    [CommandOption("--grid <COUNT>")]
    [Description("Grid points per side of a plane, 2 to 1001. Default: 41")]
    public int Grid { get; init; } = new LandscapeOptions().Grid;

    [CommandOption("--line <COUNT>")]
    [Description("Points per line, 2 to 100001. Default: 101")]
    public int Line { get; init; } = new LandscapeOptions().Line;

    [CommandOption("--out <DIR>")]
    [Description("Folder for losses, records, tables and figures. Default: landscape/NAME-STEP")]
    public string? Out { get; init; }
}

/// <summary>`gyre landscape`: the loss of a run around one of its thetas.</summary>
internal sealed class LandscapeCommand(StopSignals signals) : Command<LandscapeSettings>
{
    /// <summary>The time that the current loss has to finish; a module's own code may never return.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public override int Execute(CommandContext context, LandscapeSettings settings, CancellationToken stop)
    {
        var options = Options(settings);
        var run = RunReader.Open(settings.Run);
        RunCheck.Require(run, "a landscape");
        signals.Listen();
        signals.EndProcessAfter(
            Patience,
            "Interrupted; the losses evaluated so far are kept. The same command resumes."
        );
        options = options with { Step = Landscaper.StepOf(run, options) };
        var name = Path.GetFileName(Path.GetFullPath(settings.Run).TrimEnd(Path.DirectorySeparatorChar));
        var folder = new LandscapeFolder(
            settings.Out
                ?? Path.Combine("landscape", string.Create(CultureInfo.InvariantCulture, $"{name}-{options.Step}"))
        );
        try
        {
            ModuleCheck.Require(SpecReader.ReadText(run.ReadSpecText(), run.Folder.Spec), stop);
            var record = Landscaper.Draw(
                run,
                options,
                folder,
                text => Console.Error.WriteLine($"{text} …"),
                new LossProgress(TimeProvider.System).Write,
                stop
            );
            signals.LetWorkEnd();
            return Show(record, folder, settings);
        }
        catch (OperationCanceledException)
        {
            ConsoleLine.Warn(
                $"Interrupted. The losses evaluated so far are kept in {folder.Path}; the same command resumes."
            );
            return Exit.Interrupted;
        }
    }

    private static int Show(LandscapeRecord record, LandscapeFolder folder, LandscapeSettings settings)
    {
        AnsiConsole.Write(SummaryTable.From(LandscapeReport.Rows(record)));
        foreach (var remark in record.Remarks)
            ConsoleLine.Write(AnsiConsole.Console, $"note: {remark}");
        var points = folder.Points();
        var source = string.Create(
            CultureInfo.InvariantCulture,
            $"gyre {GyreVersion.Short(Run.Version)} landscape {record.Grid.Run} --at {record.Grid.Step} --window "
                + $"{settings.Window} --grid {settings.Grid} --line {settings.Line}"
        );
        foreach (
            var file in LandscapeReport
                .Save(record, points, folder.Path, source)
                .Concat(LandscapeTables.Save(record, points, folder.Path))
                .Prepend(folder.RecordFile)
        )
            ConsoleLine.Write(AnsiConsole.Console, file);
        return Exit.Done;
    }

    private static LandscapeOptions Options(LandscapeSettings settings)
    {
        var mistakes = new Mistakes();
        mistakes.RequireRange("--window", settings.Window, 0, 1000);
        mistakes.RequireRange("--grid", settings.Grid, 2, 1001);
        mistakes.RequireRange("--line", settings.Line, 2, 100_001);
        mistakes.ThrowIfAny();
        return new()
        {
            Step = settings.At,
            Window = settings.Window,
            Grid = settings.Grid,
            Line = settings.Line,
        };
    }

    /// <summary>
    /// Prints at most one line per second. Losses from an earlier call do not count towards the pace.
    /// </summary>
    private sealed class LossProgress(TimeProvider time)
    {
        private readonly ProgressClock _clock = new(time);
        private (long Done, long Time)? _begun;

        public void Write(long done, long all)
        {
            if (_begun is null)
            {
                _begun = (done, time.GetTimestamp());
                _clock.Restart();
            }
            if (done < all && !_clock.IsDue)
                return;
            _clock.Restart();
            var left = SecondsLeft(done, all) is { } seconds ? $", about {DurationText.Format(seconds)} left" : "";
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done} of {all} losses{left}"));
        }

        private double? SecondsLeft(long done, long all)
        {
            var (first, begun) = _begun!.Value;
            return done > first && done < all
                ? time.GetElapsedTime(begun).TotalSeconds * (all - done) / (done - first)
                : null;
        }
    }
}
