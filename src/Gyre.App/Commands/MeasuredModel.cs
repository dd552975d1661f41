using System.Globalization;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Trajectories;
using Gyre.Torch.Weights;

namespace Gyre.App.Commands;

/// <summary>The model and the checkpoints that MODEL and CHECKPOINTS of `gyre measure` refer to.</summary>
/// <param name="Spec">The spec bound to its data, with the checkpoints.</param>
/// <param name="Found">The checkpoints found.</param>
/// <param name="Unused">One sentence for each key that was set but has no effect.</param>
internal sealed record MeasuredModel(RunSpec Spec, CheckpointList Found, IReadOnlyList<string> Unused)
{
    /// <summary>
    /// Keys for data in arrays, which hold exactly what a script feeds to its network: nothing is applied to them
    /// again.
    /// </summary>
    private static readonly string[] AsGiven = ["data.samples=0", "data.standardise=false"];

    private const int MostShown = 3;
    private const string NameEnd = "-measured";

    /// <summary>The named run folder; null if the folder follows from the spec.</summary>
    public RunFolder? Folder { get; init; }

    /// <summary>Reads the command line.</summary>
    /// <exception cref="CommandLineException">The command line has mistakes.</exception>
    public static MeasuredModel Read(MeasureSettings settings)
    {
        var mistakes = new Mistakes();
        if (Begun(settings, mistakes) is { } begun)
            return begun;
        var measured = Checkpoints(settings, mistakes);
        var rates = Rates(settings, mistakes);
        var found = CheckpointList.From(measured);
        mistakes.AddRange(found.Mistakes);
        RequireSome(settings, found, mistakes);
        RequireReadable(settings, found, mistakes);
        RequireRates(found, rates, mistakes);
        var (source, sets) = Source(settings, rates, mistakes);
        var spec = mistakes.Collect(() => SpecReader.Read(source, sets));
        if (spec is not null)
            mistakes.AddRange(TrajectorySpec.Mistakes(spec));
        mistakes.ThrowIfAny(source, sets);
        var own = settings.Sets.Any(set => set.StartsWith("name=", StringComparison.Ordinal));
        var named = own ? spec! : spec! with { Name = spec.Name + NameEnd };
        var whole = SpecData.Bound(TrajectorySpec.From(named, measured));
        return new MeasuredModel(whole, found, UnusedKeys.Find(source, sets));
    }

    /// <summary>Reads a folder made by `gyre measure` if it alone is named; null for anything else.</summary>
    private static MeasuredModel? Begun(MeasureSettings settings, Mistakes mistakes)
    {
        if (settings.Checkpoints.Length > 0 || !Directory.Exists(settings.Model))
            return null;
        var run = RunReader.Open(settings.Model);
        RunCheck.RequireSpec(run);
        var spec = SpecReader.Read(run.Folder.Spec);
        if (spec.Measured is null)
            return null;
        var others = settings.Sets.Length > 0 || settings.LearningRate is not null || settings.Steps is not null;
        if (others)
            mistakes.Add(
                "--set, --learning-rate, --steps",
                $"would make a run other than {settings.Model}; give its model and its checkpoints for that"
            );
        var found = CheckpointList.From(spec.Measured);
        mistakes.AddRange(found.Mistakes);
        mistakes.ThrowIfAny(help: "measure");
        return new MeasuredModel(spec, found, []) { Folder = run.Folder };
    }

    private static MeasuredSpec Checkpoints(MeasureSettings settings, Mistakes mistakes)
    {
        string[] places = [.. settings.Checkpoints.Select(Path.GetFullPath)];
        return new MeasuredSpec
        {
            Sources = CheckpointPlaces.Sources(places),
            Checkpoints = places,
            Steps = settings.Steps is { } list ? Steps(list, mistakes) : [],
        };
    }

    private static int[] Steps(string list, Mistakes mistakes)
    {
        var steps = new List<int>();
        foreach (var word in list.Split(',', StringSplitOptions.TrimEntries))
        {
            if (int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var step))
                steps.Add(step);
            else
                mistakes.Add("--steps", $"\"{word}\" is not a step; give integers, such as 0,100,200");
        }
        return [.. steps];
    }

    private static void RequireSome(MeasureSettings settings, CheckpointList found, Mistakes mistakes)
    {
        if (settings.Checkpoints.Length == 0)
            mistakes.Add(
                "CHECKPOINTS",
                "required: give files, folders or patterns after the model, such as ckpts/*.safetensors"
            );
        string[] absent = settings.Watch ? [] : [.. settings.Checkpoints.Where(CheckpointPlaces.IsAbsent)];
        foreach (var place in absent)
            mistakes.Add(place, $"there is no such file or folder{NearFile.InParentheses(place)}");
        var present = settings.Watch ? [] : settings.Checkpoints.Except(absent).ToArray();
        if (present.Length > 0 && found is { Files.Count: 0, Mistakes.Count: 0 })
            mistakes.Add(string.Join(", ", present), NoCheckpoint(found));
    }

    private static string NoCheckpoint(CheckpointList found)
    {
        if (found.LeftOut is not [var first, ..])
            return "has no checkpoint (.safetensors, .pt, .pth, .bin, .ckpt, or folders with model.safetensors); "
                + "--watch waits for the first one";
        var more = found.LeftOut.Count > 1 ? $" (and {found.LeftOut.Count - 1} more)" : "";
        return $"has no checkpoint with a known step: {first}{more}. Put the steps into the files' names, or give "
            + "--steps with a pattern, such as 'ckpts/*.pt'";
    }

    /// <summary>
    /// Checks every file, so that a damaged one is not discovered after hours. --watch skips this, because a file
    /// that is still being written may be complete later.
    /// </summary>
    private static void RequireReadable(MeasureSettings settings, CheckpointList found, Mistakes mistakes)
    {
        var unreadable = new List<(string Name, string Problem)>();
        foreach (var file in settings.Watch ? [] : found.Files)
        {
            try
            {
                WeightsFile.Check(file.Weights);
            }
            catch (WeightsException error)
            {
                unreadable.Add((file.Name, error.Message));
            }
        }
        foreach (var (name, problem) in unreadable.Take(MostShown))
            mistakes.Add(name, problem);
        if (unreadable.Count > MostShown)
            mistakes.Add("CHECKPOINTS", $"{unreadable.Count - MostShown} more cannot be read");
    }

    /// <summary>Returns a constant learning rate or a table; null if none is given.</summary>
    private static RateTable? Rates(MeasureSettings settings, Mistakes mistakes)
    {
        if (settings.LearningRate is not { } given)
            return null;
        if (double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate))
        {
            if (rate > 0 && double.IsFinite(rate))
                return new RateTable(0, rate, []);
            mistakes.Add("--learning-rate", $"{given} is not a learning rate above 0");
            return null;
        }
        if (!File.Exists(given))
        {
            mistakes.Add("--learning-rate", $"{given} is neither a number nor a file (CSV of step and rate)");
            return null;
        }
        try
        {
            return RateTable.Read(given);
        }
        catch (SpecException error)
        {
            mistakes.AddRange(error.Mistakes);
            return null;
        }
    }

    private static void RequireRates(CheckpointList found, RateTable? rates, Mistakes mistakes)
    {
        if (rates is not null && found.Files is [{ Step: var first }, ..] && first < rates.First)
            mistakes.Add(
                "--learning-rate",
                $"the table begins at step {rates.First}, but there is a checkpoint of step {first}, whose learning rate "
                    + "is needed for its threshold. Add a row, or remove the checkpoint"
            );
    }

    /// <summary>Returns the source of the spec, and the keys set on it.</summary>
    private static (string Source, string[] Sets) Source(MeasureSettings settings, RateTable? rates, Mistakes mistakes)
    {
        var module = ModelOptions.IsModule(settings.Model);
        var source = Directory.Exists(settings.Model) ? new RunFolder(settings.Model).Spec : settings.Model;
        string[] sets =
        [
            .. module ? ModelOptions.Module(settings.Model) : [],
            .. module || settings.DataPath is not null ? AsGiven : [],
            .. rates is null ? [] : RateKeys(rates),
            .. ModelOptions.Data(settings.Data, settings.DataPath, settings.Samples, settings.Loss),
            .. RunRequest.ProbeSets(settings.Probes, mistakes),
            .. settings.Sets,
        ];
        if (module)
            RequireTraining(settings, sets, mistakes);
        return (module ? SpecReader.DefaultPreset : source, sets);
    }

    private static IEnumerable<string> RateKeys(RateTable rates) =>
        [
            $"training.steps={MeasuredSpec.Unbounded}",
            "training.warmup=0",
            "training.decay=none",
            "training.edge_rate=0.0",
            .. rates.Keys(),
        ];

    /// <summary>
    /// A module has no record of its training, so data and learning rate are required instead of guessed.
    /// </summary>
    private static void RequireTraining(MeasureSettings settings, string[] sets, Mistakes mistakes)
    {
        bool Sets(string key) => sets.Any(set => set.StartsWith(key, StringComparison.Ordinal));
        if (!Sets("data.name="))
            mistakes.Add(
                "--data",
                $"required, since {settings.Model} does not contain its training data. For NumPy arrays: "
                    + "--data arrays --data-path train.npz"
            );
        if (!Sets("training.learning_rate=") && settings.LearningRate is null)
            mistakes.Add(
                "--learning-rate",
                "required, since the threshold depends on it. Give a number, or a CSV file of step and rate"
            );
    }
}
