namespace Gyre.Torch.Weights;

/// <summary>The one file of weights in a folder, such as a Hugging Face checkpoint.</summary>
internal static class WeightsFolder
{
    /// <summary>The state of Hugging Face's optimizer, beside the weights.</summary>
    public const string Optimizer = "optimizer.pt";

    private const int ShownFiles = 6;

    private static readonly string[] Extensions = [".safetensors", ".pt", ".pth", ".bin", ".ckpt"];

    /// <summary>What Hugging Face's Trainer writes beside the weights.</summary>
    private static readonly string[] Others = [Optimizer, "scheduler.pt", "scaler.pt", "training_args.bin"];

    /// <summary>
    /// The file: an index of shards where there is one, else the only file whose name ends as one of weights.
    /// </summary>
    /// <exception cref="WeightsException">There is none, or there are several.</exception>
    public static string Get(string folder)
    {
        var files = Files(folder);
        var indices = files.Where(IsIndex).ToArray();
        var found = indices.Length > 0 ? indices : [.. files.Where(IsWeights)];
        return found switch
        {
            [var one] => one,
            [] => throw new WeightsException(
                $"{folder} is a folder without a file of weights: none ends in {string.Join(", ", Extensions)}."
            ),
            _ => throw new WeightsException(
                $"{folder} is a folder with {found.Length} files that may be the weights: "
                    + $"{string.Join(", ", found.Take(ShownFiles).Select(file => PlainText.Clipped(Path.GetFileName(file), 60)))}"
                    + $"{(found.Length > ShownFiles ? ", ..." : "")}. Name one of them."
            ),
        };
    }

    /// <summary>
    /// The optimizer's state that belongs to a file of weights; null where there is none, or where the file is one of
    /// several beside it.
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
            return null; // it may be that of another file
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
