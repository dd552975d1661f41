using System.Text.RegularExpressions;
using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Gyre.Lab.RunFiles;
using Gyre.Torch;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Runs commands, and turns their failures into a message and an exit code.</summary>
internal static partial class CommandLine
{
    // the parser's own codes, which no command returns
    private const int ShownHelp = 1;
    private const int ParserFault = -1;

    /// <param name="arguments">The arguments as they were typed.</param>
    /// <param name="signals">Stop signals for commands that listen to them.</param>
    public static int Run(string[] arguments, StopSignals signals)
    {
        try
        {
            return RunChildProcess(arguments, signals) ?? RunUserCommand(arguments, signals);
        }
        catch (Exception error)
        {
            return Report(error, arguments);
        }
    }

    /// <summary>
    /// Runs a command of this program's own child processes. This needs no parser, whose start takes a fifth of a
    /// second.
    /// </summary>
    /// <returns>The exit code; null for a user's command.</returns>
    private static int? RunChildProcess(string[] arguments, StopSignals signals) =>
        arguments switch
        {
            [RunChild.Name, ..] when arguments.Contains(MpiRunChild.Option) => MpiRunChild.Execute(arguments, signals),
            [RunChild.Name, ..] => RunChild.Execute(arguments, signals),
            [MeasureChild.Name, ..] => MeasureChild.Execute(arguments, signals),
            [CalibrationChild.Name, ..] => CalibrationChild.Execute(),
            [ParquetChild.Name, _, _] => ParquetReaderChild.Execute(arguments),
            [SweepTaskChild.Name, ..] => SweepTaskChild.Execute(arguments, signals),
            [ModuleChild.Name, ..] => ModuleChild.Execute(arguments),
            _ => null,
        };

    private static int RunUserCommand(string[] arguments, StopSignals signals)
    {
        MpiProcess.SilenceTerminal();
        CheckValues(arguments);
        if (MpiProcess.Refusal(arguments) is { } refusal)
            return Refuse(refusal);
        return ExitCode(Build(signals).Run(WithValues(arguments), signals.Token));
    }

    /// <summary>Maps the code that the parser returned to the program's exit code.</summary>
    /// <remarks>
    /// Showing help counts as success, whether it was requested or a command is missing. Every other code is a
    /// command's own.
    /// </remarks>
    internal static int ExitCode(int returned) => returned is ShownHelp or ParserFault ? Exit.Done : returned;

    /// <summary>Prints the refusal; of several processes only the first has a text to print.</summary>
    private static int Refuse(string refusal)
    {
        if (refusal.Length > 0)
            Console.Error.WriteLine(refusal);
        return Exit.WrongInput;
    }

    /// <summary>Builds the parser with every command.</summary>
    /// <param name="signals">Stop signals for commands that listen to them.</param>
    /// <param name="interceptor">Called before a command is executed.</param>
    /// <param name="console">The console for the parser's own output: help and its documents.</param>
    internal static CommandApp Build(
        StopSignals signals,
        ICommandInterceptor? interceptor = null,
        IAnsiConsole? console = null
    )
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
            config.Settings.Registrar.RegisterInstance(signals);
            foreach (var command in CommandCatalog.Commands)
                command.Configure(config);
        });
        return app;
    }

    /// <summary>
    /// The parser makes up a value for an option that has none, and a run folder of that name would be created.
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
                throw new UsageException($"{arguments[i]} needs a value.");
            if (!alone && arguments[i] == "--json" && Directory.Exists(arguments[i + 1]))
                throw new UsageException(
                    $"--json {arguments[i + 1]} is a folder. Name a file in it, or - for standard output."
                );
        }
    }

    /// <summary>Scripts pass an empty word if a variable has no value.</summary>
    private static void CheckGiven(string[] arguments, int at)
    {
        var (word, before) = (arguments[at], at > 0 ? arguments[at - 1] : "");
        var option = word switch
        {
            "" => before,
            [.. var name, '='] => name,
            _ => "",
        };
        if (CommandTable.ValuedOptions.Contains(option))
            throw new UsageException($"{option} has an empty value.");
        if (word.Length == 0)
            throw new UsageException($"Word {at + 1} of the command is empty.");
    }

    /// <summary>
    /// The parser mistakes a value that begins with a dash (<c>--json -</c>, <c>--at -1</c>) for another option, so
    /// such a value is joined to its option.
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

    /// <summary>Checks whether the parser accepts the words of a command, without executing it.</summary>
    /// <returns>The mistake in them; null if there is none.</returns>
    internal static string? Refusal(string[] arguments)
    {
        try
        {
            CheckValues(arguments);
            using var signals = new StopSignals();
            Build(signals, new Parsed()).Run(WithValues(arguments));
            return null; // help was requested
        }
        catch (Parsed.Signal)
        {
            return null;
        }
        catch (Exception error) when (error is UsageException or CommandParseException or CommandRuntimeException)
        {
            return ExplainFault(error.Message, arguments);
        }
    }

    private static int Report(Exception error, string[] arguments) =>
        error is UsageException or CommandParseException or CommandRuntimeException
            ? Failure.Say(Exit.WrongInput, ExplainFault(error.Message, arguments), error, arguments)
            : Failure.Report(error, arguments);

    private static string ExplainFault(string fault, string[] arguments)
    {
        var word = Quoted().Match(fault) is { Success: true } match ? match.Groups[1].Value : "";
        // The parser reports the type, not the option.
        if (
            fault.StartsWith("Failed to convert", StringComparison.Ordinal)
            && Array.IndexOf(arguments, word) is var place and > 0
        )
            fault = $"{arguments[place - 1]}: {word} is not a number{WithoutUnit(word)}.";
        if (fault.StartsWith("Could not match", StringComparison.Ordinal))
            fault = Surplus(word, arguments);
        var near = Nearest(fault, word, arguments);
        if (IsUnknownOption(fault) && CommandTable.Options.Contains($"--{word}"))
            fault = $"--{word} is an option of other commands, not of `gyre {arguments[0]}`.";
        var known = arguments.Length > 0 && CommandTable.NamesBelow(null).Contains(arguments[0]);
        var help = known ? $"gyre {arguments[0]} --help" : "gyre --help";
        return $"{fault}{(near is null ? "" : $" Did you mean {near}?")}\nSee `{help}`.";
    }

    /// <summary>Suggests a number without its unit, such as 3.25 for 3.25in; empty if the word is not one.</summary>
    private static string WithoutUnit(string word) =>
        Number().Match(word) is { Success: true } number ? $"; give {number.Groups[1].Value}, without a unit" : "";

    [GeneratedRegex(@"^([0-9]+(?:\.[0-9]+)?)[^0-9.]+$")]
    private static partial Regex Number();

    private static bool IsUnknownOption(string fault) => fault.StartsWith("Unknown option", StringComparison.Ordinal);

    /// <summary>Returns the likely intended option or command for an unknown one; null if none is close.</summary>
    private static string? Nearest(string fault, string word, string[] arguments)
    {
        if (IsUnknownOption(fault))
            return OptionNames.Near(word, arguments);
        var branch = arguments is ["data", ..] ? "data" : null;
        return fault.Contains("command", StringComparison.Ordinal)
            ? NearestName.Find(word, CommandTable.NamesBelow(branch))
            : null;
    }

    /// <summary>Explains a word for which no argument is left.</summary>
    private static string Surplus(string word, string[] arguments)
    {
        var at = Array.LastIndexOf(arguments, word);
        return at > 1 && arguments[at - 2] == "--set"
            ? $"--set takes one word, key=value: --set {arguments[at - 1]}={word}."
            : $"'{word}' is an unexpected argument.";
    }

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"^-(\.?\d.*)?$")]
    private static partial Regex DashedValue();

    /// <summary>Ends a command after its words are parsed and before it does anything.</summary>
    private sealed class Parsed : ICommandInterceptor
    {
        public void Intercept(CommandContext context, CommandSettings settings) => throw new Signal();

        internal sealed class Signal : Exception;
    }

    private sealed class UsageException(string message) : GyreException(message);
}
