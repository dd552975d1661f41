using Gyre.Lab.Data;
using Gyre.Lab.Experiments;
using Gyre.Lab.Objectives;
using Gyre.Lab.Runs;
using Gyre.Torch;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Exit codes of every command.</summary>
internal static class Exit
{
    public const int Done = 0;
    public const int WrongInput = 2;
    public const int Failed = 3;
    public const int Interrupted = 130;
}

/// <summary>The commands, and how their failures become a sentence and an exit code.</summary>
internal static class CommandLine
{
    private static readonly string[] Names = ["run", "report", "spec", "data", "doctor"];

    public static int Run(string[] arguments)
    {
        var verbose = arguments.Contains("--verbose");
        try
        {
            return Build().Run([.. arguments.Where(argument => argument != "--verbose")]);
        }
        catch (Exception error)
        {
            return Report(error, arguments, verbose);
        }
    }

    private static CommandApp Build()
    {
        var app = new CommandApp();
        app.Configure(config =>
        {
            config.SetApplicationName("gyre");
            config.SetApplicationVersion(Lab.Experiments.Run.Version);
            config.PropagateExceptions();
            config.UseStrictParsing();
            config.AddCommand<RunCommand>("run").WithDescription("Train and measure: one run, into a run folder. The same command again resumes it.")
                .WithExample("run").WithExample("run", "quick").WithExample("run", "--set", "training.learning_rate=0.3", "--set", "training.steps=200", "--out", "runs");
            config.AddCommand<ReportCommand>("report").WithDescription("Draw a run's figure again and print its table.").WithExample("report", "runs/quick-0123456789");
            config.AddCommand<SpecCommand>("spec").WithDescription("Print a preset or spec with every key written out, or list the presets.")
                .WithExample("spec").WithExample("spec", "fashion-mlp");
            config.AddBranch("data", data =>
            {
                data.SetDescription("Data sets: what there is, and whether files are as they should be.");
                data.AddCommand<DataListCommand>("list").WithDescription("List the data sets.").WithExample("data", "list");
                data.AddCommand<DataCheckCommand>("check").WithDescription("Read a data set and check it.").WithExample("data", "check").WithExample("data", "check", "idx", "--path", "my-files");
            });
            config.AddCommand<DoctorCommand>("doctor").WithDescription("Say what the program found on this machine, and the cure where something is wrong.").WithExample("doctor");
            config.AddCommand<RunChildCommand>("run-child").IsHidden();
        });
        return app;
    }

    private static int Report(Exception error, string[] arguments, bool verbose)
    {
        var (code, message) = error switch
        {
            SpecException or DataException or RunFolderException or LibTorchException or ObjectiveException => (Exit.WrongInput, error.Message),
            CommandParseException or CommandRuntimeException => (Exit.WrongInput, Parsing(error, arguments)),
            _ => (Exit.Failed, $"{error.GetType().Name}: {error.Message}\nThis should not happen. The same command with --verbose shows where."),
        };
        Console.Error.WriteLine(message);
        if (verbose)
            Console.Error.WriteLine(error);
        return code;
    }

    private static string Parsing(Exception error, string[] arguments)
    {
        var near = arguments.Length > 0 && !Names.Contains(arguments[0]) ? SpecReader.Nearest(arguments[0], Names) : null;
        return $"{error.Message}{(near is null ? "" : $" Did you mean 'gyre {near}'?")}\nSee 'gyre --help', or 'gyre {Names.FirstOrDefault(arguments.Contains) ?? "run"} --help'.";
    }
}
