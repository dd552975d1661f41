namespace Gyre.Torch.Weights;

/// <summary>
/// The location of a state dict in a torch.save file. It is the whole file, or lies under a key such as
/// <c>state_dict</c>, next to the other contents of a training checkpoint.
/// </summary>
/// <param name="State">The state dict.</param>
/// <param name="Around">The dictionaries that enclose it, outermost first; empty if it is the whole file.</param>
/// <param name="Levels">The keys that lead to it.</param>
internal sealed record SavedState(
    StoredDictionary State,
    IReadOnlyList<StoredDictionary> Around,
    IReadOnlyList<string> Levels
)
{
    /// <summary>Explains how to create a file that can be read here.</summary>
    public const string HowToSave = "In Python: torch.save(model.state_dict(), \"weights.pt\").";

    private const int MostLevels = 3;
    private const int ShownKeys = 12;

    private static readonly string[] KnownLevels = ["state_dict", "model_state_dict", "model"];

    /// <summary>Finds the state dict.</summary>
    /// <param name="root">The file's value.</param>
    /// <param name="source">The file's name in messages.</param>
    /// <exception cref="WeightsException">There is no state dict, or it is not clear which one is meant.</exception>
    public static SavedState Get(object? root, string source)
    {
        var (around, levels) = (new List<StoredDictionary>(), new List<string>());
        var at = root as StoredDictionary ?? throw Refused(root, source, source);
        while (FindLevel(at, source) is { } level && levels.Count < MostLevels)
        {
            around.Add(at);
            levels.Add(level);
            at = (StoredDictionary)at.Find(level)!;
        }
        if (at.Pairs.Any(pair => pair.Value is StoredTensor))
            return new SavedState(at, around, levels);
        foreach (var level in KnownLevels.Where(level => at.Find(level) is StoredOpaque))
            throw Refused(at.Find(level), source, $"{source}: its \"{level}\"");
        throw new WeightsException(
            $"{source} has no weights in the usual places: at the top, or below {Listed(KnownLevels)}. "
                + $"It has {KeysOf(at)}. {HowToSave}"
        );
    }

    /// <summary>
    /// Returns a sentence about the path to the weights and what else the file contains, or null if the weights are
    /// the whole file.
    /// </summary>
    public string? Note()
    {
        if (Around.Count == 0)
            return null;
        var beside = Around
            .Zip(Levels)
            .SelectMany(one => one.First.Pairs.Where(pair => pair.Key as string != one.Second));
        var names = beside.Select(pair => Shown(pair.Key)).ToArray();
        var left = names.Length == 0 ? "" : $"; the file also has {Cut(names)}";
        return $"weights are read from \"{string.Join("\" → \"", Levels)}\"{left}";
    }

    private static string? FindLevel(StoredDictionary at, string source)
    {
        var levels = KnownLevels.Where(level => at.Find(level) is StoredDictionary).ToArray();
        return levels.Length <= 1
            ? levels.FirstOrDefault()
            : throw new WeightsException(
                $"{source} has several dictionaries that may be the weights: {Listed(levels)}. Save one of them: in "
                    + $"Python, torch.save(torch.load(path)[\"{levels[0]}\"], \"weights.pt\")."
            );
    }

    private static WeightsException Refused(object? value, string source, string subject) =>
        new(
            value switch
            {
                StoredOpaque whole =>
                    $"{subject} is an object of {PlainText.Clipped(whole.Name, 120)}, saved whole: no code from a weights "
                        + $"file is run, so the object cannot be created. Save its state dict. {HowToSave}",
                StoredTensor => $"{source} contains one tensor without a name, not a state dict. {HowToSave}",
                _ => $"{source} contains {TorchSaveFile.Described(value)}, not a state dict. {HowToSave}",
            }
        );

    private static string KeysOf(StoredDictionary dictionary) =>
        dictionary.Pairs.Count == 0
            ? "no keys"
            : $"the keys {Cut([.. dictionary.Pairs.Take(ShownKeys + 1).Select(pair => Shown(pair.Key))], dictionary.Pairs.Count)}";

    private static string Cut(string[] names, int? all = null)
    {
        var count = all ?? names.Length;
        var shown = string.Join(", ", names.Take(ShownKeys));
        return count > ShownKeys ? $"{shown} and {count - ShownKeys} more" : shown;
    }

    private static string Shown(object? key) =>
        key is string name ? $"\"{PlainText.Clipped(name, 40)}\"" : TorchSaveFile.Described(key);

    private static string Listed(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"\"{name}\""));
}
