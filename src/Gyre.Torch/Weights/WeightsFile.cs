using System.Security.Cryptography;
using System.Text;
using static TorchSharp.torch;

namespace Gyre.Torch.Weights;

/// <summary>
/// Reads weight files, recognized by their contents: a state dict of torch.save, alone or within a checkpoint;
/// safetensors, as one file or an index of shards; a checkpoint of a Gyre run; or a folder with one of these.
/// </summary>
internal static class WeightsFile
{
    /// <summary>Reads a file into the caller's dispose scope.</summary>
    /// <param name="path">A file, or a folder that contains one.</param>
    /// <param name="withOptimizer">Whether the state of an optimizer is read too, if there is one.</param>
    /// <exception cref="WeightsException">The file is not a weight file, or is damaged.</exception>
    public static WeightsContent Read(string path, bool withOptimizer = false)
    {
        using var scope = NewDisposeScope();
        var file = FileOf(path);
        var content = Named(() =>
            Recognize(file) switch
            {
                Kind.Saved => Saved(file, withOptimizer),
                Kind.Safetensors => Safe(file),
                _ => Sharded(file),
            }
        );
        if (withOptimizer && content.Optimizer is null && WeightsFolder.FindOptimizer(file) is { } optimizer)
            content = WithOptimizer(content, optimizer);
        foreach (var tensor in TensorsOf(content))
            tensor.MoveToOuterDisposeScope();
        return content with { Path = path };
    }

    /// <summary>Reads a file that contains only the state of an optimizer, into the caller's dispose scope.</summary>
    /// <param name="file">A file written by torch.save from <c>optimizer.state_dict()</c>.</param>
    /// <param name="notes">Receives a sentence if the file is not an optimizer's state.</param>
    /// <exception cref="WeightsException">The file cannot be read.</exception>
    public static OptimizerContent? ReadOptimizer(string file, List<string> notes)
    {
        using var saved = TorchSaveFile.Open(Opened(file), file);
        return new OptimizerReader(saved).Read(saved.Root, Path.GetFileName(file), notes);
    }

    /// <summary>
    /// Checks that a file can be read as weights. No tensor is created, and libtorch is not needed.
    /// </summary>
    /// <exception cref="WeightsException">The file cannot be read as weights.</exception>
    public static void Check(string path)
    {
        foreach (var file in FilesOf(FileOf(path)))
        {
            switch (Recognize(file))
            {
                case Kind.Saved:
                    using (var saved = TorchSaveFile.Open(Opened(file), file))
                        SavedState.Get(saved.Root, file);
                    break;
                case Kind.Safetensors:
                    Named(() => Safetensors.Describe(file));
                    break;
                default:
                    ShardIndex.Read(file);
                    break;
            }
        }
    }

    /// <summary>
    /// Returns the SHA-256 of the file in lower-case hexadecimal digits; for an index, the hash covers the names and
    /// checksums of the shards. A file is read once per process, and again only if its length or modification time
    /// has changed.
    /// </summary>
    /// <exception cref="WeightsException">A file cannot be read.</exception>
    public static string Sha256(string path)
    {
        var files = FilesOf(FileOf(path));
        if (files is [var one])
            return Sum(one);
        var lines = files.Skip(1).Select(file => $"{Path.GetFileName(file)}\n{Sum(file)}\n");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(lines))));
    }

    private enum Kind
    {
        Saved,
        Safetensors,
        Index,
    }

    /// <summary>Returns the full path of the file itself.</summary>
    private static string FileOf(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new WeightsException("The path of a weights file contains a NUL character.");
        return Path.GetFullPath(Directory.Exists(path) ? WeightsFolder.Get(path) : path);
    }

    /// <summary>Returns the file, followed by its shards if it is an index.</summary>
    private static IReadOnlyList<string> FilesOf(string file) =>
        Recognize(file) == Kind.Index
            ? [file, .. ShardIndex.Read(file).Files.Keys.Order(StringComparer.Ordinal)]
            : [file];

    private static Kind Recognize(string file)
    {
        var kind = ModelFile.Recognize(file, (message, inner) => new WeightsException(message, inner));
        return kind switch
        {
            ModelFileKind.Saved => Kind.Saved,
            ModelFileKind.Safetensors => Kind.Safetensors,
            ModelFileKind.Other when First(file) == (byte)'{' => Kind.Index,
            _ => throw new WeightsException($"{file} {Refusal(kind, file)}"),
        };
    }

    private static string Refusal(ModelFileKind kind, string file) =>
        kind switch
        {
            ModelFileKind.Empty => "is empty.",
            ModelFileKind.Pickle => Old(file),
            ModelFileKind.Exported =>
                "is an exported program, a network with its weights: give it as model.file, or save the weights alone. "
                    + SavedState.HowToSave,
            ModelFileKind.TorchScript =>
                "is TorchScript, a network with its weights: give it as model.file, or save the weights alone. "
                    + SavedState.HowToSave,
            _ when IsTar(file) => Old(file),
            _ =>
                "is not a weights file: those are written by torch.save(model.state_dict(), path), or are safetensors.",
        };

    private static string Old(string file)
    {
        var name = $"\"{PlainText.Clipped(Path.GetFileName(file), 80)}\"";
        return "is in the format that torch.save wrote before PyTorch 1.6, or another pickle; neither is supported. "
            + $"In Python: torch.save(torch.load({name}), {name}) converts it.";
    }

    private static WeightsContent Saved(string file, bool withOptimizer)
    {
        using var saved = TorchSaveFile.Open(Opened(file), file);
        var state = SavedState.Get(saved.Root, file);
        var (tensors, unread) = (
            new Dictionary<string, Tensor>(StringComparer.Ordinal),
            new Dictionary<string, string>(StringComparer.Ordinal)
        );
        var notes = new List<string>();
        if (state.Note() is { } way)
            notes.Add(way);
        foreach (var (key, value) in state.State.Pairs)
        {
            var name =
                key as string
                ?? throw new WeightsException($"{file} has a name that is {TorchSaveFile.Described(key)}.");
            if (value is StoredTensor)
                tensors.Add(name, saved.Read(value, name));
            else if (name.EndsWith("_extra_state", StringComparison.Ordinal))
                notes.Add($"{PlainText.Clipped(name, 80)} is left out: it is not a tensor");
            else
                unread.Add(name, TorchSaveFile.Described(value));
        }
        var reader = new OptimizerReader(saved);
        return new WeightsContent(file, WeightsForm.TorchSave, tensors)
        {
            Unread = unread,
            Numbers = Numbers(state.Around),
            Optimizer = withOptimizer
                ? state.Around.Select(around => reader.Find(around, notes)).FirstOrDefault(found => found is not null)
                : null,
            Notes = notes,
        };
    }

    private static Dictionary<string, double> Numbers(IReadOnlyList<StoredDictionary> around)
    {
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (key, value) in around.SelectMany(one => one.Pairs))
        {
            if (key is string name && value is not bool && OptimizerReader.Number(value) is { } number)
                numbers.TryAdd(name, number);
        }
        return numbers;
    }

    private static WeightsContent WithOptimizer(WeightsContent content, string file)
    {
        var notes = new List<string>(content.Notes);
        var optimizer = ReadOptimizer(file, notes);
        return content with { Optimizer = optimizer, Notes = notes };
    }

    private static WeightsContent Safe(string file)
    {
        var content = Safetensors.Read(file);
        var own =
            content.Metadata.ContainsKey("format")
            && content.Metadata.ContainsKey("step")
            && content.Tensors.ContainsKey("theta");
        return new WeightsContent(file, own ? WeightsForm.Checkpoint : WeightsForm.Safetensors, content.Tensors)
        {
            Metadata = content.Metadata,
        };
    }

    private static WeightsContent Sharded(string file)
    {
        var index = ShardIndex.Read(file);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var notes = new List<string>();
        foreach (var (shard, names) in index.Files)
        {
            if (Recognize(shard) == Kind.Index)
                throw new WeightsException($"{shard} is an index, but {file} lists it as a shard.");
            var content = Recognize(shard) == Kind.Saved ? Saved(shard, withOptimizer: false) : Safe(shard);
            notes.AddRange(content.Notes.Select(note => $"{Path.GetFileName(shard)}: {note}"));
            if (names.FirstOrDefault(name => !content.Tensors.ContainsKey(name)) is { } missing)
                throw new WeightsException(
                    $"{shard} has no tensor {PlainText.Clipped(missing, 80)}, which "
                        + $"{Path.GetFileName(file)} expects there."
                );
            foreach (var name in names)
                tensors.Add(name, content.Tensors[name]);
            if (content.Tensors.Count > names.Count)
                notes.Add(
                    $"{Path.GetFileName(shard)} has {content.Tensors.Count - names.Count} tensors that the index does not "
                        + "name; they are left out"
                );
        }
        return new WeightsContent(file, WeightsForm.Safetensors, tensors) { Notes = notes };
    }

    private static IEnumerable<Tensor> TensorsOf(WeightsContent content) =>
        content
            .Tensors.Values.Concat(content.Optimizer?.Parameters.Values.SelectMany(slot => slot.Tensors.Values) ?? [])
            .Distinct(ReferenceEqualityComparer.Instance)
            .Cast<Tensor>();

    private static T Named<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (SafetensorsException error)
        {
            throw new WeightsException(error.Message, error);
        }
    }

    private static FileStream Opened(string file) => Guarded(file, () => File.OpenRead(file));

    private static int First(string file) =>
        Guarded(
            file,
            () =>
            {
                using var stream = File.OpenRead(file);
                return stream.ReadByte();
            }
        );

    /// <summary>Whether the file is a tar archive, the container of torch.save before PyTorch 0.4.</summary>
    private static bool IsTar(string file) =>
        Guarded(
            file,
            () =>
            {
                using var stream = File.OpenRead(file);
                var mark = new byte[5];
                stream.Position = 257;
                return stream.ReadAtLeast(mark, mark.Length, throwOnEndOfStream: false) == mark.Length
                    && mark.AsSpan().SequenceEqual("ustar"u8);
            }
        );

    private static string Sum(string file) => Guarded(file, () => FileSum.Sha256(file));

    private static T Guarded<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new WeightsException($"{file} cannot be read: {error.Message}", error);
        }
    }
}
