namespace Gyre.Lab.Trajectories;

/// <summary>One checkpoint of a training.</summary>
/// <param name="Step">Updates done when it was written.</param>
/// <param name="Path">The file, or the folder of a checkpoint that is one.</param>
internal sealed record CheckpointFile(long Step, string Path)
{
    /// <summary>A file of its own with the optimizer's state; null where there is none.</summary>
    public string? Optimizer { get; init; }

    /// <summary>Its name, without the folder that it lies in.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The file that holds the weights.</summary>
    public string Weights => CheckpointFolder.FindWeights(Path) ?? Path;

    /// <summary>Every file of it that is read.</summary>
    public IEnumerable<string> Files => Optimizer is null ? [Weights] : [Weights, Optimizer];
}

/// <summary>A folder that is one checkpoint, as Hugging Face's Trainer writes it: <c>checkpoint-500/</c>.</summary>
internal static class CheckpointFolder
{
    private static readonly string[] WeightNames =
    [
        "model.safetensors",
        "model.safetensors.index.json",
        "pytorch_model.bin",
        "pytorch_model.bin.index.json",
    ];

    private static readonly string[] OptimizerNames = ["optimizer.pt", "optimizer.bin"];

    /// <summary>The weights of a folder; null where it is no checkpoint.</summary>
    public static string? FindWeights(string path) => FindFirst(path, WeightNames);

    /// <summary>The optimizer's state of a folder; null where it has none.</summary>
    public static string? FindOptimizer(string path) => FindFirst(path, OptimizerNames);

    private static string? FindFirst(string folder, string[] names) =>
        Directory.Exists(folder)
            ? names.Select(name => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            : null;
}
