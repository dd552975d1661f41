using Gyre.Lab.Data;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Trajectories;

/// <summary>The checkpoints that the given places contain now, in the order of their steps.</summary>
/// <param name="Files">The checkpoints, by ascending step.</param>
/// <param name="LeftOut">A sentence for each item that is there but is not used.</param>
/// <param name="Mistakes">Everything that makes the list ambiguous.</param>
internal sealed record CheckpointList(
    IReadOnlyList<CheckpointFile> Files,
    IReadOnlyList<string> LeftOut,
    IReadOnlyList<SpecMistake> Mistakes
)
{
    private const string Cure = "rename it, or give the steps of all checkpoints with --steps";

    /// <summary>Returns where the steps come from, for people.</summary>
    public string Rule(MeasuredSpec spec) =>
        spec.Steps.Count > 0
            ? "from --steps, in the order of the checkpoints"
            : $"{string.Join(", or ", Files.Select(RuleOf).Distinct())} in a name";

    /// <summary>Searches every place.</summary>
    /// <param name="spec">The places and steps as given.</param>
    public static CheckpointList From(MeasuredSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var search = new Search(spec);
        foreach (var place in spec.Checkpoints)
            search.Look(place);
        return search.Finish();
    }

    private static string RuleOf(CheckpointFile file) => StepName.Parse(file.Name).Rule;

    /// <summary>A search in progress, with what was found so far.</summary>
    private sealed class Search(MeasuredSpec spec)
    {
        private readonly List<SpecMistake> _mistakes = [];
        private readonly List<string> _leftOut = [];
        private readonly List<string> _found = [];
        private readonly List<string> _optimizers = [];

        public void Look(string place)
        {
            try
            {
                Take(place, CheckpointPlaces.Expand(Path.GetFullPath(place)));
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
            {
                Wrong(place, $"cannot be read: {error.Message}");
            }
        }

        public CheckpointList Finish()
        {
            var named = spec.Steps.Count > 0 ? ByList() : ByName();
            CheckpointFile[] files = [.. Distinct(named).OrderBy(file => file.Step).Select(WithOptimizer)];
            foreach (var left in _optimizers.Except(files.Select(file => file.Optimizer)))
                _leftOut.Add($"{Shown(left!)}: optimizer state without weights of the same step next to it");
            return new CheckpointList(files, _leftOut, _mistakes);
        }

        private void Take(string place, IReadOnlyList<string> found)
        {
            if (found.Count > CheckpointPlaces.Most)
            {
                Wrong(place, FormattableString.Invariant($"contains more than {CheckpointPlaces.Most:N0} files"));
                return;
            }
            var single = found is [var only] && only == Path.GetFullPath(place);
            foreach (var path in found.Where(path => !_found.Contains(path) && !_optimizers.Contains(path)))
            {
                var name = Path.GetFileName(path);
                if (StepName.IsOfOptimizer(name) && !Directory.Exists(path))
                    _optimizers.Add(path);
                else if (single || CheckpointPlaces.IsFitting(path))
                    Add(path, name, single || !Directory.Exists(place));
                else if (!name.StartsWith('.'))
                    _leftOut.Add($"{Shown(path)}: not a file of weights by its name");
            }
        }

        /// <summary>
        /// A folder may contain last.ckpt next to the other checkpoints; a file or a pattern that the user names is
        /// meant.
        /// </summary>
        private void Add(string path, string name, bool meant)
        {
            var tells = StepName.Parse(name).Step is not null || spec.Steps.Count > 0;
            if (tells || meant)
                _found.Add(path);
            else
                _leftOut.Add($"{Shown(path)}: its name {StepName.Parse(name).Problem}");
        }

        private IEnumerable<CheckpointFile> ByName()
        {
            foreach (var path in _found)
            {
                var read = StepName.Parse(Path.GetFileName(path));
                if (read.Step is { } step)
                    yield return new CheckpointFile(step, path);
                else
                    Wrong(path, $"its name {read.Problem}; {Cure}");
            }
        }

        private CheckpointFile[] ByList()
        {
            if (spec.Steps.Count == _found.Count)
                return [.. _found.Zip(spec.Steps, (path, step) => new CheckpointFile(step, path))];
            Wrong(
                "--steps",
                $"{spec.Steps.Count} steps for {_found.Count} checkpoints: give one per checkpoint, in the order of the "
                    + "checkpoints"
            );
            return [];
        }

        private IEnumerable<CheckpointFile> Distinct(IEnumerable<CheckpointFile> files)
        {
            foreach (var same in files.GroupBy(file => file.Step).ToArray())
            {
                if (same.Count() > 1)
                    Wrong(
                        $"step {same.Key}",
                        $"{same.Count()} checkpoints have this step: "
                            + $"{UserFile.Names([.. same.Select(file => file.Path)])}. Remove all but one"
                    );
                else
                    yield return same.First();
            }
        }

        private CheckpointFile WithOptimizer(CheckpointFile file) =>
            file with
            {
                Optimizer =
                    CheckpointFolder.FindOptimizer(file.Path)
                    ?? _optimizers.Find(path =>
                        Path.GetDirectoryName(path) == Path.GetDirectoryName(file.Path)
                        && StepName.Parse(Path.GetFileName(path)).Step == file.Step
                    ),
            };

        private void Wrong(string where, string problem) => _mistakes.Add(new(where, problem));

        private static string Shown(string path) => UserFile.Shown(path, UserFile.PathLetters);
    }
}
