using System.Text.RegularExpressions;
using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Sweeps;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>The commands, and how their failures become a sentence and an exit code.</summary>
internal static partial class CommandLine
{
    public static int Run(string[] arguments)
    {
        try
        {
            // What this program tells itself needs no parser, whose start takes a fifth of a second.
            if (arguments is [RunChild.Name, ..])
                return RunChild.Execute(arguments);
            if (arguments is [ProbeChild.Name, ..])
                return ProbeChild.Execute();
            if (arguments is [ParquetChild.Name, _, _])
                return ParquetReaderChild.Execute(arguments);
            if (arguments is [SweepTaskChild.Name, ..])
                return SweepTaskChild.Execute(arguments);
            if (arguments is [ModuleChild.Name, ..])
                return ModuleChild.Execute(arguments);
            RankSeat.Quieten();
            CheckValues(arguments);
            if (RankSeat.Refusal(arguments) is { } refusal)
                return Refused(refusal);
            // Help, whether asked for or shown because a command is missing, is done; the parser's own codes are not
            // ours.
            return
                Build().Run(WithValues(arguments)) is var code
                && code
                    is Exit.WrongInput
                        or Exit.Failed
                        or Exit.Interrupted
                        or SweepRunner.FolderUnusableCode
                        or SweepRunner.FolderBusyCode
                ? code
                : Exit.Done;
        }
        catch (Exception error)
        {
            return Report(error, arguments);
        }
    }

    /// <summary>Said once, by the first of several.</summary>
    private static int Refused(string refusal)
    {
        if (refusal.Length > 0)
            Console.Error.WriteLine(refusal);
        return Exit.WrongInput;
    }

    /// <summary>The parser with every command.</summary>
    /// <param name="interceptor">Told before a command is carried out.</param>
    /// <param name="console">Where the parser itself speaks: help and its own documents.</param>
    internal static CommandApp Build(ICommandInterceptor? interceptor = null, IAnsiConsole? console = null)
    {
        var app = new CommandApp();
        app.Configure(config =>
        {
            if (interceptor is not null)
                config.SetInterceptor(interceptor);
            if (console is not null)
                config.ConfigureConsole(console);
            config.SetApplicationName("gyre");
            config.SetApplicationVersion(Lab.Running.Run.Version);
            config.PropagateExceptions();
            config.UseStrictParsing();
            config.Settings.ShowOptionDefaultValues = false;
            config
                .AddCommand<RunCommand>("run")
                .WithDescription("Train and measure: one run, into a run folder. The same command again resumes it.")
                .WithExample("run")
                .WithExample("run", "quick")
                .WithExample("run", "quick", "--set", "training.learning_rate=0.3", "--out", "my-runs")
                .WithExample("run", "quick", "--probe", "self-stabilisation");
            config
                .AddCommand<SweepCommand>("sweep")
                .WithDescription(
                    "Run every combination of values and seeds, each in a process of its own. The same "
                        + "command again goes on where it stopped."
                )
                .WithExample("sweep", "--dry-run")
                .WithExample("sweep", "rates", "--jobs", "2")
                .WithExample("sweep", "rates", "--on", "slurm", "--dry-run")
                .WithExample("sweep", "rates", "--status")
                .WithExample(
                    "sweep",
                    "rates",
                    "--set",
                    "sweep.seeds=5",
                    "--set",
                    "sweep.axes.training.learning_rate=[0.1,0.4,1.6]"
                );
            config
                .AddCommand<ReproduceCommand>("reproduce")
                .WithDescription(
                    "Decide the paper's claims on real data: a sweep, then a table of claims, each "
                        + "supported, not supported or inconclusive, with the numbers."
                )
                .WithExample("reproduce")
                .WithExample("reproduce", "--quick", "--dry-run")
                .WithExample("reproduce", "--full", "--jobs", "8");
            config
                .AddCommand<TheoryCommand>("theory")
                .WithDescription(
                    "Diagonal linear networks, exactly: a descent with its eigenpairs, rotation and "
                        + "flattening, gradient flow beside it, and a map of what becomes of starts."
                )
                .WithExample("theory")
                .WithExample("theory", "--from", "3,0.3", "--lr", "0.25")
                .WithExample("theory", "--depth", "3", "--targets", "1,0.5", "--out", "my-theory");
            config
                .AddCommand<InspectCommand>("inspect")
                .WithDescription(
                    "Look at the curvature of one network as it is, over all samples: eigenpairs of both "
                        + "ends with error bars, trace, spectral density, layer by layer."
                )
                .WithExample("inspect", "quick")
                .WithExample("inspect", "runs/quick-3d5e58e723", "--operator", "gauss-newton")
                .WithExample("inspect", "model.pt", "--data", "fashion-mnist", "--samples", "1000", "--json", "-");
            config
                .AddCommand<LandscapeCommand>("landscape")
                .WithDescription(
                    "Draw the loss around one theta of a run, with the iterates: along v1 and the gradient, "
                        + "on the planes of v1 and v2 and of the trajectory. The same command again goes on where "
                        + "it stopped."
                )
                .WithExample("landscape", "runs/quick-3d5e58e723")
                .WithExample("landscape", "runs/quick-3d5e58e723", "--at", "8", "--window", "4")
                .WithExample("landscape", "runs/quick-3d5e58e723", "--grid", "81", "--out", "my-landscape");
            config
                .AddCommand<AdviseCommand>("advise")
                .WithDescription(
                    "Say at which step size to train and when to reduce it, and how sure that is: a short "
                        + "sweep from far below to far above 2/S at the start."
                )
                .WithExample("advise", "--dry-run")
                .WithExample("advise", "quick", "--seeds", "5")
                .WithExample("advise", "my.toml", "--steps", "500", "--jobs", "4");
            config
                .AddCommand<ReportCommand>("report")
                .WithDescription(
                    "Show what came of a run or a sweep again: tables, figures and, for a sweep, one page of HTML."
                )
                .WithExample("report")
                .WithExample("report", "runs/quick-3d5e58e723")
                .WithExample("report", "sweeps/rates");
            config
                .AddCommand<LsCommand>("ls")
                .WithDescription(
                    "List runs and sweeps: what came of each, how far it is, what is wrong with it. Only reads."
                )
                .WithExample("ls")
                .WithExample("ls", "sweeps", "--cells")
                .WithExample("ls", "my-runs", "--json", "-");
            config
                .AddCommand<CompareCommand>("compare")
                .WithDescription(
                    "Show runs side by side: the keys of their specs that differ, and what came of each, "
                        + "with error bars. Only reads."
                )
                .WithExample("compare", "runs/quick-3d5e58e723", "runs/quick-84c1a7b0f2");
            config
                .AddCommand<CleanCommand>("clean")
                .WithDescription(
                    "Remove what killed and abandoned runs left, after asking: half-written files, cells of "
                        + "no plan, unfinished runs. "
                        + "Never what runs, is finished or is not gyre's own."
                )
                .WithExample("clean", "--dry-run")
                .WithExample("clean", "runs", "--yes");
            config
                .AddCommand<ServeCommand>("serve")
                .WithDescription(
                    "Show runs and sweeps in a browser, while they go and after: a page of this machine's "
                        + "own that only reads. Ctrl-C ends it."
                )
                .WithExample("serve")
                .WithExample("serve", "runs", "--port", "9000")
                .WithExample("serve", "--bind", "0.0.0.0");
            config
                .AddCommand<ExportCommand>("export")
                .WithDescription(
                    "Write every table behind the figures of a run or sweep for other programs: CSV, "
                        + "Parquet, or event files that TensorBoard opens."
                )
                .WithExample("export", "runs/quick-3d5e58e723")
                .WithExample("export", "sweeps/rates", "--format", "parquet")
                .WithExample("export", "sweeps/rates", "--format", "tensorboard", "--out", "my-events");
            config
                .AddCommand<SpecCommand>("spec")
                .WithDescription("List the presets, or print a spec with every key written out.")
                .WithExample("spec")
                .WithExample("spec", "quick")
                .WithExample("spec", "quick", "--set", "model.widths=[64,64]");
            config.AddBranch(
                "data",
                data =>
                {
                    data.SetDescription("Data sets: what there is, and whether files are as they should be.");
                    data.AddCommand<DataListCommand>("list")
                        .WithDescription("List the data sets.")
                        .WithExample("data", "list");
                    data.AddCommand<DataCheckCommand>("check")
                        .WithDescription("Read a data set and check it.")
                        .WithExample("data", "check")
                        .WithExample("data", "check", "idx", "--path", "my-files");
                    data.AddCommand<DataGetCommand>("get")
                        .WithDescription(
                            "Fetch the official files of a data set, and check them. The same command goes "
                                + "on where it stopped."
                        )
                        .WithExample("data", "get", "cifar-10")
                        .WithExample("data", "get", "mnist", "--from", "my-files");
                    data.AddCommand<DataShowCommand>("show")
                        .WithDescription("Say what a data set holds, and draw a contact sheet.")
                        .WithExample("data", "show")
                        .WithExample("data", "show", "table", "--path", "houses.csv", "--set", "data.target=price");
                }
            );
            config
                .AddCommand<ShellCommand>("completion")
                .WithDescription(
                    "Print a script by which a shell completes commands, options, presets, keys of specs and "
                        + "run folders."
                )
                .WithExample("completion", "bash");
            config
                .AddCommand<DoctorCommand>("doctor")
                .WithDescription("Say what the engine is on this machine, and the cure where something is wrong.")
                .WithExample("doctor")
                .WithExample("doctor", "--gpu-check", "--device", "cpu");
        });
        return app;
    }

    /// <summary>
    /// The parser gives an option without a value a word of its own as value, and a run folder by that name would
    /// follow.
    /// </summary>
    private static void CheckValues(string[] arguments)
    {
        if (arguments.Select(FolderName.NotUtf8).FirstOrDefault(sentence => sentence is not null) is { } foreign)
            throw new RunFolderException(foreign);
        for (var i = 0; i < arguments.Length; i++)
        {
            CheckGiven(arguments, i);
            var alone = i + 1 == arguments.Length || arguments[i + 1].StartsWith("--", StringComparison.Ordinal);
            if (alone && CommandTable.ValuedOptions.Contains(arguments[i]))
                throw new UsageException($"{arguments[i]} needs a value after it.");
            if (!alone && arguments[i] == "--json" && Directory.Exists(arguments[i + 1]))
                throw new UsageException(
                    $"--json {arguments[i + 1]} is a folder. Name a file in it, or - for standard output."
                );
        }
    }

    /// <summary>Scripts give an empty word where a variable has no value.</summary>
    private static void CheckGiven(string[] arguments, int at)
    {
        var (word, before) = (arguments[at], at > 0 ? arguments[at - 1] : "");
        var option =
            word.EndsWith('=') ? word[..^1]
            : word.Length == 0 ? before
            : "";
        if (CommandTable.ValuedOptions.Contains(option))
            throw new UsageException($"{option} has an empty value.");
        if (word.Length == 0)
            throw new UsageException($"Word {at + 1} of the command is empty.");
    }

    /// <summary>
    /// The parser takes a value that begins with a dash (<c>--json -</c>, <c>--at -1</c>) for another option: it is
    /// joined to its option.
    /// </summary>
    internal static string[] WithValues(IReadOnlyList<string> arguments)
    {
        var joined = new List<string>();
        foreach (var word in arguments)
        {
            if (
                joined is [.., var option]
                && CommandTable.ValuedOptions.Contains(option)
                && DashedValue().IsMatch(word)
            )
                joined[^1] = $"{option}={word}";
            else
                joined.Add(word);
        }
        return [.. joined];
    }

    /// <summary>Whether the parser takes the words of a command, which is not carried out.</summary>
    /// <returns>What is wrong with them; null where nothing is.</returns>
    internal static string? Refusal(string[] arguments)
    {
        try
        {
            CheckValues(arguments);
            Build(new Parsed()).Run(WithValues(arguments));
            return null; // help was asked for
        }
        catch (Parsed.Signal)
        {
            return null;
        }
        catch (Exception error) when (error is UsageException or CommandParseException or CommandRuntimeException)
        {
            return Parsing(error.Message, arguments);
        }
    }

    private static int Report(Exception error, string[] arguments) =>
        error is UsageException or CommandParseException or CommandRuntimeException
            ? Failure.Say(Exit.WrongInput, Parsing(error.Message, arguments), error, arguments)
            : Failure.Report(error, arguments);

    private static string Parsing(string fault, string[] arguments)
    {
        var word = Quoted().Match(fault) is { Success: true } match ? match.Groups[1].Value : "";
        // The parser names the type, not the option.
        if (
            fault.StartsWith("Failed to convert", StringComparison.Ordinal)
            && Array.IndexOf(arguments, word) is var place and > 0
        )
            fault = $"{arguments[place - 1]}: {word} is not a number.";
        if (fault.StartsWith("Could not match", StringComparison.Ordinal))
            fault = Surplus(word, arguments);
        var inData = arguments is ["data", ..];
        var near =
            fault.StartsWith("Unknown option", StringComparison.Ordinal) ? OptionNames.Near(word, arguments)
            : fault.Contains("command", StringComparison.Ordinal)
                ? NearestName.Of(word, CommandTable.NamesBelow(inData ? "data" : null))
            : null;
        if (fault.StartsWith("Unknown option", StringComparison.Ordinal) && CommandTable.Options.Contains($"--{word}"))
            fault = $"--{word} is not an option of `gyre {arguments[0]}`; other commands have it.";
        var known = arguments.Length > 0 && CommandTable.NamesBelow(null).Contains(arguments[0]);
        var help = known ? $"gyre {arguments[0]} --help" : "gyre --help";
        return $"{fault}{(near is null ? "" : $" Did you mean {near}?")}\nSee `{help}`.";
    }

    /// <summary>A word that no argument is left for.</summary>
    private static string Surplus(string word, string[] arguments)
    {
        var at = Array.LastIndexOf(arguments, word);
        return at > 1 && arguments[at - 2] == "--set"
            ? $"--set takes one word, key=value: --set {arguments[at - 1]}={word}."
            : $"'{word}' is one argument too many.";
    }

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^-(\.?\d.*)?$")]
    private static partial Regex DashedValue();

    /// <summary>Ends a command when its words are parsed and before it does anything.</summary>
    private sealed class Parsed : ICommandInterceptor
    {
        public void Intercept(CommandContext context, CommandSettings settings) => throw new Signal();

        internal sealed class Signal : Exception;
    }

    private sealed class UsageException(string message) : Exception(message);
}
