using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>
/// Every command with its description and examples. The parser is built from this catalog, and help, corrections and
/// shell completion are built from the parser.
/// </summary>
internal static class CommandCatalog
{
    /// <summary>The commands in the order of the help.</summary>
    public static IReadOnlyList<CatalogCommand> Commands { get; } =
    [
        Command<MpiRunCommand>(
            "run",
            "Train one network and measure it, into a run folder. The same command resumes.",
            "run",
            "run quick",
            "run quick --set training.learning_rate=0.3 --out my-runs",
            "run quick --probe self-stabilisation"
        ),
        Command<SweepCommand>(
            "sweep",
            "Run every combination of values and seeds, each in its own process. The same command resumes.",
            "sweep --dry-run",
            "sweep rates --jobs 2",
            "sweep rates --on slurm --dry-run",
            "sweep rates --status",
            "sweep rates --set sweep.seeds=5 --set sweep.axes.training.learning_rate=[0.1,0.4,1.6]"
        ),
        Command<ReproduceCommand>(
            "reproduce",
            "Decide the paper's claims on real data: a sweep, then a table of claims, each supported, not "
                + "supported or inconclusive, with numbers.",
            "reproduce",
            "reproduce --quick --dry-run",
            "reproduce --full --jobs 8"
        ),
        Command<TheoryCommand>(
            "theory",
            "Solve diagonal linear networks exactly: a descent with its eigenpairs, rotation and flattening, "
                + "gradient flow for comparison, and a map of outcomes.",
            "theory",
            "theory --from 3,0.3 --lr 0.25",
            "theory --depth 3 --targets 1,0.5 --out my-theory"
        ),
        Command<MeasureCommand>(
            "measure",
            "Measure a PyTorch training from its checkpoints: eigenpairs, threshold crossings and rotations, "
                + "into a run folder. The same command resumes.",
            "measure model.pt ckpts/*.safetensors --data arrays --data-path train.npz --learning-rate 0.1",
            "measure model.pt ckpts --data arrays --data-path train.npz --learning-rate rates.csv --set optimizer.name=adam",
            "measure model.pt 'ckpts/step-*.pt' --data arrays --data-path train.npz --learning-rate 0.1 --watch",
            "measure quick ckpts --learning-rate 0.5"
        ),
        Command<InspectCommand>(
            "inspect",
            "Measure the curvature of one network over all samples: eigenpairs at both ends with error bars, "
                + "trace, spectral density, sharpness per layer.",
            "inspect quick",
            "inspect runs/quick-3d5e58e723 --operator gauss-newton",
            "inspect model.pt2 --data fashion-mnist --samples 1000 --json -"
        ),
        Command<LandscapeCommand>(
            "landscape",
            "Plot the loss around one point of a run, with the iterates: along v1 and the gradient, on the "
                + "planes of v1 and v2 and of the trajectory. The same command resumes.",
            "landscape runs/quick-3d5e58e723",
            "landscape runs/quick-3d5e58e723 --at 8 --window 4",
            "landscape runs/quick-3d5e58e723 --grid 81 --out my-landscape"
        ),
        Command<AdviseCommand>(
            "advise",
            "Recommend a learning rate and when to reduce it, with the evidence: a short sweep from far "
                + "below to far above the threshold at the start.",
            "advise --dry-run",
            "advise quick --seeds 5",
            "advise my.toml --steps 500 --jobs 4"
        ),
        Command<ReportCommand>(
            "report",
            "Rebuild the tables and figures of a run or sweep and, for a sweep, the HTML report.",
            "report",
            "report runs/quick-3d5e58e723",
            "report sweeps/rates"
        ),
        Command<LsCommand>(
            "ls",
            "List runs and sweeps with outcome, progress and flaws. Only reads.",
            "ls",
            "ls sweeps --cells",
            "ls my-runs --json -"
        ),
        Command<CompareCommand>(
            "compare",
            "Compare runs side by side: the keys that differ, and the results with error bars. Only reads.",
            "compare runs/quick-3d5e58e723 runs/quick-84c1a7b0f2"
        ),
        Command<CleanCommand>(
            "clean",
            "Remove leftovers of killed and abandoned runs, after asking: half-written files, cells without "
                + "a plan, unfinished runs. Never touches running or finished runs, or other files.",
            "clean --dry-run",
            "clean runs --yes"
        ),
        Command<ServeCommand>(
            "serve",
            "Show runs and sweeps in a browser, live: a local page that only reads. Ctrl-C ends it.",
            "serve",
            "serve runs --port 9000",
            "serve --bind 0.0.0.0"
        ),
        Command<ExportCommand>(
            "export",
            "Write every table behind the figures of a run or sweep as CSV, Parquet or TensorBoard event " + "files.",
            "export runs/quick-3d5e58e723",
            "export sweeps/rates --format parquet",
            "export sweeps/rates --format tensorboard --out my-events"
        ),
        Command<SpecCommand>(
            "spec",
            "List the presets, or print a spec with all of its keys.",
            "spec",
            "spec quick",
            "spec quick --set model.widths=[64,64]"
        ),
        Branch(
            "data",
            "List, check, fetch and show data sets.",
            Command<DataListCommand>("list", "List the data sets.", "data list"),
            Command<DataCheckCommand>(
                "check",
                "Read a data set and check it.",
                "data check",
                "data check idx --path my-files"
            ),
            Command<DataGetCommand>(
                "get",
                "Download the published files of a data set and check them. The same command resumes.",
                "data get cifar-10",
                "data get mnist --from my-files"
            ),
            Command<DataShowCommand>(
                "show",
                "Describe a data set and draw a contact sheet.",
                "data show",
                "data show table --path houses.csv --set data.target=price"
            )
        ),
        Command<ShellCommand>(
            "completion",
            "Print a completion script for a shell: commands, options, presets, keys and run folders.",
            "completion bash"
        ),
        Command<DoctorCommand>(
            "doctor",
            "Check libtorch, GPU, MPI and Slurm on this machine, and suggest fixes.",
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
