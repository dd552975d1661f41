using System.ComponentModel;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Gyre.App.Folders;
using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Gyre.Lab.Inspection;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;
using Gyre.Torch;
using Spectre.Console;
using Spectre.Console.Cli;
using static TorchSharp.torch;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre inspect`.</summary>
internal sealed class InspectSettings : GyreSettings
{
    [CommandArgument(0, "<MODEL>")]
    [Description(
        "A run folder or one of its checkpoints, a file of a network (.pt2, .pt), or a spec (preset or "
            + "TOML file, at its initialization)"
    )]
    public string Model { get; init; } = "";

    [CommandOption("--data <NAME>")]
    [Description("Data set (see `gyre data list`). Default: the run's own; fashion-mnist for a file of a network")]
    public string? Data { get; init; }

    [CommandOption("--data-path <PATH>")]
    [Description("Path of its files, for data sets that are not shipped")]
    public string? DataPath { get; init; }

    [CommandOption("--samples <COUNT>")]
    [Description("Number of training samples, instead of the run's or all; the output reports it")]
    public int? Samples { get; init; }

    [CommandOption("--loss <NAME>")]
    [Description("cross-entropy or squared-error. Default: the run's own; cross-entropy for a file of a network")]
    public string? Loss { get; init; }

    [CommandOption("--operator <NAME>")]
    [Description("hessian, gauss-newton or fisher (empirical). Default: hessian")]
    public string Operator { get; init; } = InspectionOptions.Operators[0];

    [CommandOption("--parameters <PATTERN>")]
    [Description("Only parameters whose names match a pattern with * and ?, such as layer0.*. May be repeated")]
    public string[] Parameters { get; init; } = [];

    [CommandOption("--pairs <COUNT>")]
    [Description(
        "Eigenpairs at each end of the Hessian's spectrum, or at the top for other operators, 1 to 64. " + "Default: 4"
    )]
    public int Pairs { get; init; } = 4;

    [CommandOption("--products <COUNT>")]
    [Description("Maximum number of operator-vector products for the eigenpairs. Default: 300")]
    public int Products { get; init; } = 300;

    [CommandOption("--probes <COUNT>")]
    [Description(
        "Random vectors for the spectral density, with 40 products each; 0 leaves out density and trace. "
            + "Default: 4"
    )]
    public int Probes { get; init; } = 4;

    [CommandOption("--no-layers")]
    [Description("Leave out the sharpness of single parameter tensors")]
    public bool NoLayers { get; init; }

    [CommandOption("--set <KEY=VALUE>")]
    [Description(
        "Set any other key of the spec, such as dtype=float64 or model.input=[[1,28,28]]. May be " + "repeated"
    )]
    public string[] Sets { get; init; } = [];

    [CommandOption("--json <FILE>")]
    [Description("Also write the result to this file as JSON; - prints JSON only")]
    public string? Json { get; init; }

    [CommandOption("--out <DIR>")]
    [Description(
        "Folder for inspect.json, the figure and the eigenvectors; must not hold another inspection. "
            + "Default: inspect/ with the run's name, id and step"
    )]
    public string? Out { get; init; }
}

/// <summary>`gyre inspect`: the curvature of one network at one theta, over all its samples.</summary>
internal sealed class InspectCommand(StopSignals signals) : Command<InspectSettings>
{
    private const string Interrupted = "Interrupted; nothing was written.";

    /// <summary>The time that the current product has to finish; a module's own code may never return.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public override int Execute(CommandContext context, InspectSettings settings, CancellationToken stop)
    {
        var meant = Inspected.FromSettings(settings);
        foreach (var remark in meant.Unused)
            ConsoleLine.Warn($"note: {remark}");
        LibTorch.Load(); // before any other use of libtorch
        return Inspect(settings, meant, stop);
    }

    private int Inspect(InspectSettings settings, Inspected meant, CancellationToken stop)
    {
        signals.Listen();
        signals.EndProcessAfter(Patience, Interrupted);
        using var scope = NewDisposeScope();
        var folder = settings.Out ?? Path.Combine("inspect", meant.Subject);
        InspectionReport.RequireFree(folder, meant.Subject);
        if (Result(meant, stop) is not { } result)
        {
            Console.Error.WriteLine(Interrupted);
            return Exit.Interrupted;
        }
        signals.LetWorkEnd();
        return Show(settings, result with { Record = result.Record with { Subject = meant.Subject } }, folder);
    }

    /// <summary>Returns null if interrupted.</summary>
    private static InspectionResult? Result(Inspected meant, CancellationToken stop)
    {
        try
        {
            ModuleCheck.Require(meant.Spec, stop);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        var result = Inspector.Inspect(
            meant.Spec,
            meant.Checkpoint,
            meant.Theta,
            meant.Options,
            text => Console.Error.WriteLine($"{text} …"),
            stop
        );
        return stop.IsCancellationRequested ? null : result;
    }

    private static int Show(InspectSettings settings, InspectionResult result, string folder)
    {
        var record = result.Record;
        if (settings.Json == "-")
            JsonAnswer.Print(RunJson.Pretty(record));
        else
            Print(AnsiConsole.Console, record);
        var source = $"gyre {GyreVersion.Short(Run.Version)} inspect";
        var files = InspectionReport.Save(record, result.Top, result.Bottom, result.Offsets, folder, source);
        if (settings.Json is { } path and not "-")
            files = [.. files, InspectionReport.SaveJson(record, path)];
        foreach (var file in settings.Json == "-" ? [] : files)
            ConsoleLine.Write(AnsiConsole.Console, file);
        return Exit.Done;
    }

    private static void Print(IAnsiConsole console, InspectionRecord record)
    {
        console.Write(SummaryTable.From(InspectionReport.Rows(record)));
        if (record.Layers is { } layers)
            console.Write(Layers(layers));
        foreach (var remark in record.Remarks)
            ConsoleLine.Write(console, $"note: {remark}");
    }

    private static Table Layers(IReadOnlyList<LayerRecord> layers)
    {
        var table = SummaryTable.Empty().AddColumns("parameter", "size", "sharpness of its block", "gradient");
        foreach (var layer in layers)
            table.AddRow(
                TableText.Escape(layer.Name),
                layer.Size.ToString(CultureInfo.InvariantCulture),
                $"{NumberText.Format(layer.Sharpness, 4)} ± {NumberText.Format(layer.Residual, 2)}",
                NumberText.Format(layer.GradientNorm, 3)
            );
        return table;
    }
}

/// <summary>The command line of `gyre inspect` as a spec, a checkpoint and options.</summary>
/// <param name="Spec">The resolved spec.</param>
/// <param name="Checkpoint">The checkpoint with theta; null for the network's own theta.</param>
/// <param name="Theta">A description of where theta comes from.</param>
/// <param name="Options">The scope and the accuracy.</param>
internal sealed record Inspected(RunSpec Spec, string? Checkpoint, string Theta, InspectionOptions Options)
{
    /// <summary>One sentence for each key that was set but has no effect.</summary>
    public IReadOnlyList<string> Unused { get; init; } = [];

    /// <summary>
    /// Identifies the network and the matrix: run name and id, checkpoint, operator, selected parameters. Accuracy
    /// options are not part of it.
    /// </summary>
    public string Subject
    {
        get
        {
            var step = Checkpoint is null ? "" : $"-{Path.GetFileNameWithoutExtension(Checkpoint)}";
            var matrix = Options.Operator == InspectionOptions.Operators[0] ? "" : $"-{Options.Operator}";
            var chosen = string.Join('\n', Options.Parameters);
            var part =
                chosen.Length == 0
                    ? ""
                    : $"-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(chosen)))[..6]}";
            return $"{Run.FolderName(Spec)}{step}{matrix}{part}";
        }
    }

    /// <exception cref="CommandLineException">The command line has mistakes; the exception lists all of
    /// them.</exception>
    public static Inspected FromSettings(InspectSettings settings)
    {
        var mistakes = new Mistakes();
        mistakes.RequireRange("--pairs", settings.Pairs, 1, 64);
        mistakes.RequireRange("--products", settings.Products, 1, 100_000);
        if (settings.Probes != 0)
            mistakes.RequireRange("--probes", settings.Probes, 2, 1000);
        if (!InspectionOptions.Operators.Contains(settings.Operator))
            mistakes.Add(
                "--operator",
                $"{settings.Operator} is not an "
                    + $"operator{Suggestion.For(settings.Operator, InspectionOptions.Operators)}; "
                    + $"there are {string.Join(", ", InspectionOptions.Operators)}"
            );
        var (source, checkpoint, theta, sets) = Source(settings.Model);
        sets = Sets(settings, sets);
        var spec = mistakes.Collect(() => SpecData.Bound(SpecReader.Read(source, sets)));
        var options = new InspectionOptions
        {
            Pairs = settings.Pairs,
            Operator = settings.Operator,
            Parameters = settings.Parameters,
            MaxProducts = settings.Products,
            DensityProbes = settings.Probes,
            TraceProbes = settings.Probes == 0 ? 0 : new InspectionOptions().TraceProbes,
            Layers = !settings.NoLayers,
        };
        mistakes.ThrowIfAny(source, sets);
        return new Inspected(spec!, checkpoint, ThetaOf(spec!, checkpoint, theta), options)
        {
            Unused = UnusedKeys.Find(source, sets),
        };
    }

    /// <summary>Returns the keys from the model, then from the options, then from --set.</summary>
    private static string[] Sets(InspectSettings settings, string[] model) =>
        [
            .. model,
            .. ModelOptions.Data(settings.Data, settings.DataPath, settings.Samples, settings.Loss),
            .. settings.Sets,
        ];

    /// <summary>Describes where theta comes from.</summary>
    private static string ThetaOf(RunSpec spec, string? checkpoint, string theta)
    {
        if (checkpoint is null && spec.Model.Weights.Length > 0)
            return $"theta of {Path.GetFileName(spec.Model.Weights)}";
        return theta.Length > 0
            ? theta
            : string.Create(CultureInfo.InvariantCulture, $"theta at initialization, seed {spec.Seed}");
    }

    private static RunFolder Opened(string path)
    {
        var run = RunReader.Open(path);
        run.Folder.Hold();
        RunCheck.RequireSpec(run);
        return run.Folder;
    }

    /// <summary>
    /// Returns the source of the spec, the checkpoint with theta, its description, and further keys to set.
    /// </summary>
    private static (string Source, string? Checkpoint, string Theta, string[] Sets) Source(string model)
    {
        if (Directory.Exists(model))
        {
            var folder = Opened(model);
            return Checkpoints.Steps(folder) is [var latest, ..]
                ? (folder.Spec, Checkpoints.PathOf(folder, latest), $"theta of the checkpoint of step {latest}", [])
                : (folder.Spec, null, "theta at initialization: the run kept no checkpoint (run.keep_checkpoints)", []);
        }
        if (FileKind.Special(model) is { } kind)
            throw new RunFolderException(
                $"{model} is {kind}. Give a run folder, one of its checkpoints, a file of a network, or a spec."
            );
        if (model.EndsWith(".safetensors", StringComparison.OrdinalIgnoreCase))
        {
            var folder = Path.GetDirectoryName(Path.GetDirectoryName(Path.GetFullPath(model)));
            return (Opened(folder ?? ".").Spec, model, $"theta of {Path.GetFileName(model)}", []);
        }
        if (!ModelOptions.IsModule(model))
            return (model, null, "", []);
        return (SpecReader.DefaultPreset, null, $"theta of {Path.GetFileName(model)}", ModelOptions.Module(model));
    }
}
