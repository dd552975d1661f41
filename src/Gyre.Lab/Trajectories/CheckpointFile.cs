namespace Gyre.Lab.Trajectories;

/// <summary>One checkpoint of a training.</summary>
/// <param name="Step">The number of updates done when it was written.</param>
/// <param name="Path">The file, or the folder of a checkpoint that consists of a folder.</param>
internal sealed record CheckpointFile(long Step, string Path)
{
    /// <summary>A separate file with the optimizer's state; null if there is none.</summary>
    public string? Optimizer { get; init; }

    /// <summary>Its name, without the folder that contains it.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>The file that contains the weights.</summary>
    public string Weights => CheckpointFolder.FindWeights(Path) ?? Path;

    /// <summary>All of its files that are read.</summary>
    public IEnumerable<string> Files => Optimizer is null ? [Weights] : [Weights, Optimizer];
}

/// <summary>A folder that is one checkpoint, as written by Hugging Face's Trainer: <c>checkpoint-500/</c>.</summary>
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

    /// <summary>Returns the weights file of a folder; null if the folder is not a checkpoint.</summary>
    public static string? FindWeights(string path) => FindFirst(path, WeightNames);

    /// <summary>Returns the file with the optimizer's state in a folder; null if there is none.</summary>
    public static string? FindOptimizer(string path) => FindFirst(path, OptimizerNames);

    private static string? FindFirst(string folder, string[] names) =>
        Directory.Exists(folder)
            ? names.Select(name => System.IO.Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            : null;
}
