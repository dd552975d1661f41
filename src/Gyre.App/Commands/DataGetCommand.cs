using System.ComponentModel;
using System.Globalization;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Gyre.Lab.Data.Downloads;
using Gyre.Lab.Quantities;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre data get`.</summary>
internal sealed class DataGetSettings : GyreSettings
{
    [CommandArgument(0, "<NAME>")]
    [Description("mnist, fashion-mnist-full, kmnist, cifar-10 or cifar-100")]
    public string Name { get; init; } = "";

    [CommandOption("--from <PLACE>")]
    [Description("Folder, file or address to take the files from. Default: the address of their authors")]
    public string? From { get; init; }

    [CommandOption("--path <DIR>")]
    [Description(
        "Folder for the files. Default: where runs look for them (GYRE_DATA, else the user's application " + "data)"
    )]
    public string? Path { get; init; }
}

/// <summary>`gyre data get`: downloads official files and verifies them.</summary>
internal sealed class DataGetCommand(StopSignals signals) : Command<DataGetSettings>
{
    public override int Execute(CommandContext context, DataGetSettings settings, CancellationToken stop)
    {
        var files = OfficialFiles.Get(settings.Name);
        var folder = settings.Path ?? DataFolder.GetPath(settings.Name);
        signals.Listen();
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(60) };
        var fetch = new Fetch(client, new FetchLine(TimeProvider.System).Write);
        try
        {
            foreach (var file in files)
            {
                var done = fetch.Bring(file, folder, settings.From, stop);
                Console.Out.WriteLine(
                    $"{System.IO.Path.Combine(folder, file.Name)}: "
                        + $"{(done ? "fetched, and its checksum is right" : "there already, and right")}"
                );
            }
            Console.Out.WriteLine(
                $"gyre run --set data.name={settings.Name}{(settings.Path is null ? "" : $" --set data.path={folder}")}"
            );
            return Exit.Done;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Console.Error.WriteLine("Interrupted. Downloaded data are kept; the same command resumes.");
            return Exit.Interrupted;
        }
    }

    /// <summary>Prints at most one line per second.</summary>
    private sealed class FetchLine(TimeProvider time)
    {
        private readonly long _begun = time.GetTimestamp();
        private readonly ProgressClock _clock = new(time);

        public void Write(FetchProgress progress)
        {
            if (!_clock.IsDue)
                return;
            _clock.Restart();
            var elapsed = time.GetElapsedTime(_begun).TotalSeconds;
            var left =
                progress.Total > progress.Bytes
                    ? $", {DurationText.Format(elapsed * (progress.Total - progress.Bytes) / progress.Bytes)} left"
                    : "";
            Console.Error.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{progress.Name}: {progress.Bytes / 1e6:0.0} "
                        + $"MB{(progress.Total > 0 ? $" of {progress.Total / 1e6:0.0}" : "")}{left}"
                )
            );
        }
    }
}
