namespace Gyre.Torch;

/// <summary>
/// The locations of the parts of an exported program in its archive. Since PyTorch 2.8, these are
/// <c>models/NAME.json</c> and raw tensors below <c>data/</c>, all in one root folder (PyTorch's "PT2 Archive Spec").
/// Older archives have three entries without a folder.
/// </summary>
/// <param name="Root">The prefix of every entry; empty, or ending with a slash.</param>
/// <param name="Graph">The entry of the graph.</param>
/// <param name="Model">The program's name in the archive; null in the older layout.</param>
internal sealed record ExportedLayout(string Root, string Graph, string? Model)
{
    private const string Models = "models/";
    private const string OldGraph = "serialized_exported_program.json";

    /// <summary>The folder of parameters and buffers.</summary>
    public string Weights => $"{Root}data/weights/";

    /// <summary>The folder of constants and of buffers that are not in the state dict.</summary>
    public string Constants => $"{Root}data/constants/";

    /// <summary>The names that PyTorch versions have given to the configuration of the parameters.</summary>
    public string[] WeightConfigs =>
        [$"{Weights}{Model}_weights_config.json", $"{Weights}{Model}_model_param_config.json"];

    /// <summary>The names that PyTorch versions have given to the configuration of the constants.</summary>
    public string[] ConstantConfigs =>
        [$"{Constants}{Model}_constants_config.json", $"{Constants}{Model}_model_constants_config.json"];

    /// <summary>
    /// The names that PyTorch versions have given to a torch.save file with all parameters (the second is PyTorch
    /// 2.8's).
    /// </summary>
    public string[] SavedWeights =>
        Model is null
            ? [$"{Root}serialized_state_dict.json", $"{Root}serialized_state_dict.pt"]
            : [$"{Weights}{Model}.pt"];

    /// <summary>The names that PyTorch versions have given to a torch.save file with all constants.</summary>
    public string[] SavedConstants =>
        Model is null
            ? [$"{Root}serialized_constants.json", $"{Root}serialized_constants.pt"]
            : [$"{Constants}{Model}.pt"];

    /// <summary>Whether an entry is a program's graph.</summary>
    public static bool IsGraph(string entry) => FindLayout(entry) is not null;

    /// <summary>Returns the layouts of all programs in an archive.</summary>
    public static IReadOnlyList<ExportedLayout> Find(IEnumerable<string> entries) =>
        [.. entries.Select(FindLayout).OfType<ExportedLayout>()];

    private static ExportedLayout? FindLayout(string entry)
    {
        var slash = entry.LastIndexOf('/');
        var (folder, file) = (entry[..(slash + 1)], entry[(slash + 1)..]);
        if (file == OldGraph && folder.Count(letter => letter == '/') <= 1)
            return new ExportedLayout(folder, entry, null);
        var isModel =
            file.EndsWith(".json", StringComparison.Ordinal)
            && (folder == Models || folder.EndsWith($"/{Models}", StringComparison.Ordinal))
            && folder.Count(letter => letter == '/') <= 2;
        return isModel ? new ExportedLayout(folder[..^Models.Length], entry, file[..^".json".Length]) : null;
    }
}
