using System.IO.Compression;

namespace Gyre.Torch.Exported;

/// <summary>The file of an exported program: its graph and where its tensors lie. Nothing in it is code.</summary>
internal static class ExportedArchive
{
    private const long MostJson = 1L << 30;

    /// <summary>Reads the graph and the configurations of the tensors; no tensor is read.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="ExportedProgramException">It is not such a file, or is damaged.</exception>
    public static (ExportedLayout Layout, ProgramGraph Graph) ReadGraph(string path)
    {
        var kind = ModelFile.Recognize(path, Refuse);
        if (kind == ModelFileKind.TorchScript)
            throw Refuse(
                $"{path} is TorchScript, not an exported program: model.name = \"torchscript\" reads it.",
                null
            );
        if (kind != ModelFileKind.Exported)
            throw Refuse($"{path} {ModelFile.Refusal(kind)}", null);
        return Read(
            path,
            zip =>
            {
                var layout = Only(ExportedLayout.Find(zip.Entries.Select(entry => entry.FullName)));
                return (layout, GraphReader.Parse(Bytes(zip, layout.Graph)));
            }
        );
    }

    /// <summary>Reads from the archive; faults become sentences that name the file.</summary>
    /// <exception cref="ExportedProgramException">It is damaged.</exception>
    public static T Read<T>(string path, Func<ZipArchive, T> read)
    {
        try
        {
            return ModelZip.Open(path, read, Refuse);
        }
        catch (Exception error)
            when (error
                    is FormatException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or OverflowException
                        or Weights.WeightsException
            )
        {
            throw Refuse(
                $"{path} cannot be read as an exported program: {PlainText.Clipped(error.Message, 400).TrimEnd('.')}.",
                error
            );
        }
    }

    /// <summary>The first entry that is there; null if none is.</summary>
    public static ZipArchiveEntry? FindEntry(ZipArchive zip, IEnumerable<string> names) =>
        names.Select(zip.GetEntry).FirstOrDefault(entry => entry is not null);

    /// <summary>All bytes of an entry of JSON.</summary>
    /// <exception cref="FormatException">The entry is missing, or longer than any graph.</exception>
    public static byte[] Bytes(ZipArchive zip, string name) =>
        Bytes(zip.GetEntry(name) ?? throw new FormatException($"its part {PlainText.Clipped(name, 80)} is missing"));

    /// <summary>All bytes of an entry of JSON.</summary>
    /// <exception cref="FormatException">It is longer than any graph.</exception>
    public static byte[] Bytes(ZipArchiveEntry entry)
    {
        if (entry.Length > MostJson)
            throw new FormatException($"its part {PlainText.Clipped(entry.FullName, 80)} has {entry.Length} bytes");
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static ExportedLayout Only(IReadOnlyList<ExportedLayout> programs) =>
        programs is [var only]
            ? only
            : throw new FormatException(
                $"it holds {programs.Count} programs ({string.Join(", ", programs.Take(5).Select(one => one.Model))}): "
                    + "save the one that is meant in a file of its own"
            );

    private static ExportedProgramException Refuse(string message, Exception? inner) => new(message, inner);
}
