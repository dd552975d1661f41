using System.Globalization;
using Gyre.App.Processes;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Gyre.Lab.Models;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;

namespace Gyre.App.Commands;

/// <summary>The run that a command line requests.</summary>
/// <param name="Given">The run's spec, before it is bound to its data.</param>
/// <param name="Spec">The spec bound to its data.</param>
/// <param name="Folder">The run folder, which may not exist yet.</param>
internal sealed record RunRequest(RunSettings Settings, RunSpec Given, RunSpec Spec, RunFolder Folder)
{
    private static readonly Dictionary<string, string> ProbeKeys = new()
    {
        ["self-stabilisation"] = "curvature.self_stabilisation=true",
        ["re-solve"] = "curvature.resolve=true",
        ["trace"] = "curvature.trace_probes=3",
    };

    /// <summary>The names that --probe accepts.</summary>
    public static IReadOnlyCollection<string> Probes => ProbeKeys.Keys;

    /// <summary>Whether there is nothing left to compute.</summary>
    public bool IsFinished => Folder.Status == RunStatus.Finished;

    private bool NamesFolder => Directory.Exists(Settings.Spec);

    /// <summary>Resolves the spec and collects all mistakes of the command line.</summary>
    /// <exception cref="CommandLineException">The command line has mistakes.</exception>
    /// <exception cref="SpecException">Only the spec has mistakes.</exception>
    /// <exception cref="RunFolderException">The folder cannot be used.</exception>
    public static RunRequest Read(RunSettings settings)
    {
        var given = ReadSpec(settings);
        var spec = SpecData.Bound(given);
        var folder = new RunFolder(
            Directory.Exists(settings.Spec) ? settings.Spec : Path.Combine(settings.Out, Run.FolderName(spec))
        );
        if (folder.Status != RunStatus.Missing)
            folder.Check();
        return new RunRequest(settings, given, spec, folder);
    }

    /// <summary>Throws if another process computes the run; the message names the process.</summary>
    public void RefuseWhileHeld()
    {
        if (Folder.Status == RunStatus.Unfinished && RunLock.IsHeld(Folder))
            RunLock.Take(Folder).Dispose();
    }

    /// <summary>Loads the network's file in a separate process before a new run does.</summary>
    public void CheckModule(CancellationToken stop)
    {
        if (Folder.Status == RunStatus.Missing)
            ModuleCheck.Require(Spec, stop);
    }

    /// <summary>Starts the process that computes the run.</summary>
    /// <param name="options">Options for that process.</param>
    public ChildRun Start(params string[] options) =>
        ChildRun.Start(ChildProgram.GetCommandLine(RunChild.Name, Settings.Verbose, options), Spec, Folder);

    /// <summary>Returns the remarks to show before the run starts.</summary>
    public IEnumerable<string> Remarks()
    {
        if (
            Folder.Status == RunStatus.Missing
            && Given.Data.Checksum.Length == 0
            && Run.FindOnOtherData(Spec, Folder) is { } other
        )
            yield return $"The data has changed since {other.Path} was made (another SHA-256). This is another run, in "
                + $"{Folder.Path}.";
        foreach (var remark in NamesFolder ? [] : UnusedKeys.Find(Source(Settings.Spec), Sets(Settings)))
            yield return $"note: {remark}";
    }

    /// <summary>Describes data, model, loss and learning rate in one line.</summary>
    public string Describe()
    {
        var samples = Spec.Data.Samples == 0 ? "all samples" : $"N = {Spec.Data.Samples}";
        var data = DataCatalog.Get(Spec.Data.Name).HasFiles ? $"{Spec.Data.Name}, {samples}" : Spec.Data.Name;
        var model = ModelCatalog.Get(Spec.Model.Name).Describe(Spec.Model);
        var rate = Spec.Training.LearningRate.ToString(CultureInfo.InvariantCulture);
        return $"{data} · {model} · {Spec.Objective.Loss} · eta = {rate}";
    }

    private static string[] Sets(RunSettings settings) =>
        [
            .. ModelOptions.IsModule(settings.Spec) ? ModelOptions.Module(settings.Spec) : [],
            .. ModelOptions.Data(settings.Data, settings.DataPath, settings.Samples, settings.Loss),
            .. ProbeSets(settings.Probes, new Mistakes()),
            .. settings.Sets,
        ];

    /// <summary>Returns the keys for probes; an unknown name is a mistake.</summary>
    internal static IEnumerable<string> ProbeSets(IReadOnlyList<string> probes, Mistakes mistakes)
    {
        foreach (var probe in probes.Where(probe => !ProbeKeys.ContainsKey(probe)))
            mistakes.Add(
                "--probe",
                $"{probe} is not a probe{Suggestion.For(probe, ProbeKeys.Keys)}; there are "
                    + string.Join(", ", ProbeKeys.Keys)
            );
        return [.. probes.Where(ProbeKeys.ContainsKey).Select(probe => ProbeKeys[probe])];
    }

    private static string Source(string named) => ModelOptions.IsModule(named) ? SpecReader.DefaultPreset : named;

    private static RunSpec ReadSpec(RunSettings settings)
    {
        var (sets, mistakes) = (Sets(settings), new Mistakes());
        ProbeSets(settings.Probes, mistakes);
        var folder = Directory.Exists(settings.Spec) ? new RunFolder(settings.Spec) : null;
        var source = Source(settings.Spec);
        var spec = mistakes.Collect(() => folder is null ? SpecReader.Read(source, sets) : Resume(folder, sets));
        mistakes.ThrowIfAny(folder?.Spec ?? source, sets);
        return spec!.Measured is null
            ? spec
            : throw new SpecException([
                new(
                    "measured.checkpoints",
                    "its training is measured from checkpoints, which gyre run cannot do; `gyre measure "
                        + $"{settings.Spec}` resumes it"
                ),
            ]);
    }

    /// <summary>Reads the spec of a run folder, wherever it is and whatever has been moved since.</summary>
    private static RunSpec Resume(RunFolder folder, string[] sets)
    {
        folder.Check();
        if (folder.Status == RunStatus.Unfinished)
            RunCheck.RequireSpec(RunReader.Open(folder.Path)); // for a finished run, this appears next to its results
        var (begun, asked) = (SpecReader.Read(folder.Spec), SpecReader.Read(folder.Spec, sets));
        return SpecText.Id(begun) == SpecText.Id(asked)
            ? asked
            : throw new SpecException([
                new(
                    "--set",
                    $"would make a run other than {folder.Path}, which can only be resumed "
                        + $"unchanged; gyre run {folder.Spec} with the same --set makes the other run"
                ),
            ]);
    }
}
