using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Every command with its description and examples. The parser is made from it, and from the parser help,
/// corrections and the completion of shells.</summary>
internal static class CommandCatalog
{
    /// <summary>In the order of the help.</summary>
    public static IReadOnlyList<CatalogCommand> Commands { get; } =
    [
        Command<MpiRunCommand>(
            "run",
            "Train and measure: one run, into a run folder. The same command again resumes it.",
            "run",
            "run quick",
            "run quick --set training.learning_rate=0.3 --out my-runs",
            "run quick --probe self-stabilisation"
        ),
        Command<SweepCommand>(
            "sweep",
            "Run every combination of values and seeds, each in a process of its own. The same "
                + "command again goes on where it stopped.",
            "sweep --dry-run",
            "sweep rates --jobs 2",
            "sweep rates --on slurm --dry-run",
            "sweep rates --status",
            "sweep rates --set sweep.seeds=5 --set sweep.axes.training.learning_rate=[0.1,0.4,1.6]"
        ),
        Command<ReproduceCommand>(
            "reproduce",
            "Decide the paper's claims on real data: a sweep, then a table of claims, each "
                + "supported, not supported or inconclusive, with the numbers.",
            "reproduce",
            "reproduce --quick --dry-run",
            "reproduce --full --jobs 8"
        ),
        Command<TheoryCommand>(
            "theory",
            "Diagonal linear networks, exactly: a descent with its eigenpairs, rotation and "
                + "flattening, gradient flow beside it, and a map of what becomes of starts.",
            "theory",
            "theory --from 3,0.3 --lr 0.25",
            "theory --depth 3 --targets 1,0.5 --out my-theory"
        ),
        Command<MeasureCommand>(
            "measure",
            "Measure a training of another program from its checkpoints: eigenpairs, threshold crossings and rotations, "
                + "into a run folder. The same command again goes on.",
            "measure model.pt ckpts/*.safetensors --data arrays --data-path train.npz --learning-rate 0.1",
            "measure model.pt ckpts --data arrays --data-path train.npz --learning-rate rates.csv --set optimizer.name=adam",
            "measure model.pt 'ckpts/step-*.pt' --data arrays --data-path train.npz --learning-rate 0.1 --watch",
            "measure quick ckpts --learning-rate 0.5"
        ),
        Command<InspectCommand>(
            "inspect",
            "Look at the curvature of one network as it is, over all samples: eigenpairs of "
                + "both ends with error bars, trace, spectral density, layer by layer.",
            "inspect quick",
            "inspect runs/quick-3d5e58e723 --operator gauss-newton",
            "inspect model.pt2 --data fashion-mnist --samples 1000 --json -"
        ),
        Command<LandscapeCommand>(
            "landscape",
            "Draw the loss around one theta of a run, with the iterates: along v1 and the "
                + "gradient, on the planes of v1 and v2 and of the trajectory. The same command again "
                + "goes on where it stopped.",
            "landscape runs/quick-3d5e58e723",
            "landscape runs/quick-3d5e58e723 --at 8 --window 4",
            "landscape runs/quick-3d5e58e723 --grid 81 --out my-landscape"
        ),
        Command<AdviseCommand>(
            "advise",
            "Say at which step size to train and when to reduce it, and how sure that is: a "
                + "short sweep from far below to far above 2/S at the start.",
            "advise --dry-run",
            "advise quick --seeds 5",
            "advise my.toml --steps 500 --jobs 4"
        ),
        Command<ReportCommand>(
            "report",
            "Show what came of a run or a sweep again: tables, figures and, for a sweep, one page of HTML.",
            "report",
            "report runs/quick-3d5e58e723",
            "report sweeps/rates"
        ),
        Command<LsCommand>(
            "ls",
            "List runs and sweeps: what came of each, how far it is, what is wrong with it. Only reads.",
            "ls",
            "ls sweeps --cells",
            "ls my-runs --json -"
        ),
        Command<CompareCommand>(
            "compare",
            "Show runs side by side: the keys of their specs that differ, and what came of "
                + "each, with error bars. Only reads.",
            "compare runs/quick-3d5e58e723 runs/quick-84c1a7b0f2"
        ),
        Command<CleanCommand>(
            "clean",
            "Remove what killed and abandoned runs left, after asking: half-written files, "
                + "cells of no plan, unfinished runs. Never what runs, is finished or is not gyre's "
                + "own.",
            "clean --dry-run",
            "clean runs --yes"
        ),
        Command<ServeCommand>(
            "serve",
            "Show runs and sweeps in a browser, while they go and after: a page of this "
                + "machine's own that only reads. Ctrl-C ends it.",
            "serve",
            "serve runs --port 9000",
            "serve --bind 0.0.0.0"
        ),
        Command<ExportCommand>(
            "export",
            "Write every table behind the figures of a run or sweep for other programs: CSV, "
                + "Parquet, or event files that TensorBoard opens.",
            "export runs/quick-3d5e58e723",
            "export sweeps/rates --format parquet",
            "export sweeps/rates --format tensorboard --out my-events"
        ),
        Command<SpecCommand>(
            "spec",
            "List the presets, or print a spec with every key written out.",
            "spec",
            "spec quick",
            "spec quick --set model.widths=[64,64]"
        ),
        Branch(
            "data",
            "Data sets: what there is, and whether files are as they should be.",
            Command<DataListCommand>("list", "List the data sets.", "data list"),
            Command<DataCheckCommand>(
                "check",
                "Read a data set and check it.",
                "data check",
                "data check idx --path my-files"
            ),
            Command<DataGetCommand>(
                "get",
                "Fetch the official files of a data set, and check them. The same command "
                    + "goes on where it stopped.",
                "data get cifar-10",
                "data get mnist --from my-files"
            ),
            Command<DataShowCommand>(
                "show",
                "Say what a data set holds, and draw a contact sheet.",
                "data show",
                "data show table --path houses.csv --set data.target=price"
            )
        ),
        Command<ShellCommand>(
            "completion",
            "Print a script by which a shell completes commands, options, presets, keys of specs and run folders.",
            "completion bash"
        ),
        Command<DoctorCommand>(
            "doctor",
            "Say what the engine is on this machine, and the cure where something is wrong.",
            "doctor",
            "doctor --gpu-check --device cpu"
        ),
    ];

    private static CatalogCommand Command<TCommand>(string name, string description, params string[] examples)
        where TCommand : class, ICommandLimiter<CommandSettings> =>
        new(name, description, examples)
        {
            AddTo = parser => parser.AddCommand<TCommand>(name),
            AddBelow = branch => branch.AddCommand<TCommand>(name),
        };

    private static CatalogCommand Branch(string name, string description, params CatalogCommand[] below) =>
        new(name, description, []) { Below = below };
}
