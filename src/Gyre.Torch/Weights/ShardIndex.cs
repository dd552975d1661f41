using System.Text.Json;

namespace Gyre.Torch.Weights;

/// <summary>
/// An index of shards (<c>model.safetensors.index.json</c>): for each tensor, the file next to the index that stores
/// it.
/// </summary>
/// <param name="Files">The full path of each file, with the tensors to read from it.</param>
internal sealed record ShardIndex(IReadOnlyDictionary<string, IReadOnlyList<string>> Files)
{
    private const int MostBytes = 64 << 20;
    private const int MostShards = 10_000;
    private const string Map = "weight_map";

    /// <summary>Reads an index; the shards are not opened.</summary>
    /// <exception cref="WeightsException">The file is not an index, or names files outside its folder.</exception>
    public static ShardIndex Read(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (file.Length > MostBytes)
                throw new FormatException($"it has {file.Length} bytes; at most {MostBytes} are read");
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 8 });
            return Parse(json.RootElement, Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            throw new WeightsException(
                $"{path} cannot be read as an index of shards: {PlainText.Clipped(error.Message, 300).TrimEnd('.')}.",
                error
            );
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightsException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static ShardIndex Parse(JsonElement root, string folder)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(Map, out var map))
            throw new FormatException($"it has no \"{Map}\"");
        var files = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
        {
            var file = entry.Value.GetString() ?? throw new FormatException("a tensor has no file");
            if (!names.Add(entry.Name))
                throw new FormatException($"it has the tensor \"{PlainText.Clipped(entry.Name, 80)}\" twice");
            CheckBeside(file);
            if (!files.TryGetValue(file, out var tensors))
                files.Add(file, tensors = []);
            tensors.Add(entry.Name);
        }
        if (files.Count is 0 or > MostShards)
            throw new FormatException($"it names {files.Count} files; 1 to {MostShards} are read");
        return new ShardIndex(
            files.ToDictionary(pair => Path.Combine(folder, pair.Key), pair => (IReadOnlyList<string>)pair.Value)
        );
    }

    /// <summary>Requires a plain file name, so that an index cannot refer to files outside its folder.</summary>
    private static void CheckBeside(string file)
    {
        if (
            file is "" or "." or ".."
            || file.AsSpan().ContainsAny("/\\:")
            || file.Length > 255
            || PlainText.Line(file) != file
        )
            throw new FormatException(
                $"it names the file \"{PlainText.Clipped(file, 80)}\", which is not in the same folder"
            );
    }
}
