namespace Gyre.Torch.Weights;

/// <summary>Finds the one weight file in a folder, such as a Hugging Face checkpoint.</summary>
internal static class WeightsFolder
{
    /// <summary>The file next to the weights in which Hugging Face's Trainer stores the optimizer's state.</summary>
    public const string Optimizer = "optimizer.pt";

    private const int ShownFiles = 6;

    private static readonly string[] Extensions = [".safetensors", ".pt", ".pth", ".bin", ".ckpt"];

    /// <summary>Files that Hugging Face's Trainer writes next to the weights.</summary>
    private static readonly string[] Others = [Optimizer, "scheduler.pt", "scaler.pt", "training_args.bin"];

    /// <summary>
    /// Returns the weight file: an index of shards if there is one, otherwise the only file with the extension of a
    /// weight file.
    /// </summary>
    /// <exception cref="WeightsException">There is no such file, or there are several.</exception>
    public static string Get(string folder)
    {
        var files = Files(folder);
        var indices = files.Where(IsIndex).ToArray();
        var found = indices.Length > 0 ? indices : [.. files.Where(IsWeights)];
        return found switch
        {
            [var one] => one,
            [] => throw new WeightsException(
                $"{folder} is a folder without a weights file: no name ends in {string.Join(", ", Extensions)}."
            ),
            _ => throw new WeightsException(
                $"{folder} is a folder with {found.Length} files that may be the weights: "
                    + $"{string.Join(", ", found.Take(ShownFiles).Select(file => PlainText.Clipped(Path.GetFileName(file), 60)))}"
                    + $"{(found.Length > ShownFiles ? ", ..." : "")}. Name one of them."
            ),
        };
    }

    /// <summary>
    /// Returns the optimizer state that belongs to a weight file; null if there is none, or if the file is not
    /// the one weight file of its folder.
    /// </summary>
    public static string? FindOptimizer(string file)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var optimizer = Path.Combine(folder, Optimizer);
        if (!File.Exists(optimizer))
            return null;
        try
        {
            return Get(folder) == Path.GetFullPath(file) ? optimizer : null;
        }
        catch (WeightsException)
        {
            return null; // it may belong to another file
        }
    }

    private static string[] Files(string folder)
    {
        try
        {
            return [.. Directory.EnumerateFiles(Path.GetFullPath(folder)).Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightsException($"{folder} cannot be read: {error.Message}", error);
        }
    }

    private static bool IsIndex(string file) => file.EndsWith(".index.json", StringComparison.Ordinal);

    private static bool IsWeights(string file)
    {
        var name = Path.GetFileName(file);
        return Extensions.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            && !Others.Contains(name)
            && !name.StartsWith("rng_state", StringComparison.Ordinal);
    }
}
