using System.IO.Compression;

namespace Gyre.Torch.Exported;

/// <summary>
/// Reads the archive of an exported program: its graph and the layout of its tensors. Nothing in the archive is run
/// as code.
/// </summary>
internal static class ExportedArchive
{
    private const long MostJson = 1L << 30;

    /// <summary>Reads the graph and the layout of the archive; no tensor is read.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="ExportedProgramException">The file is not an exported program, or is damaged.</exception>
    public static (ExportedLayout Layout, ProgramGraph Graph) ReadGraph(string path)
    {
        var kind = ModelFile.Recognize(path, Refuse);
        if (kind == ModelFileKind.TorchScript)
            throw Refuse($"{path} is TorchScript, not an exported program: set model.name = \"torchscript\".", null);
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

    /// <summary>Reads from the archive. Faults become messages that name the file.</summary>
    /// <exception cref="ExportedProgramException">The archive is damaged.</exception>
    public static T Read<T>(string path, Func<ZipArchive, T> read) =>
        Guard(path, () => ModelZip.Open(path, read, Refuse));

    /// <summary>
    /// Runs work on content that was read from the file. Faults become messages that name the file.
    /// </summary>
    /// <exception cref="ExportedProgramException">The content is damaged.</exception>
    public static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error)
            when (error
                    is FormatException
                        or InvalidOperationException
                        or KeyNotFoundException
                        or OverflowException
                        or ArgumentException
                        or Weights.WeightsException
            )
        {
            throw Refuse(
                $"{path} cannot be read as an exported program: {PlainText.Clipped(error.Message, 400).TrimEnd('.')}.",
                error
            );
        }
    }

    /// <summary>Returns the first of the given entries that exists, or null if none does.</summary>
    public static ZipArchiveEntry? FindEntry(ZipArchive zip, IEnumerable<string> names) =>
        names.Select(zip.GetEntry).FirstOrDefault(entry => entry is not null);

    /// <summary>Returns all bytes of a JSON entry.</summary>
    /// <exception cref="FormatException">The entry is missing, or longer than any graph.</exception>
    public static byte[] Bytes(ZipArchive zip, string name) =>
        Bytes(zip.GetEntry(name) ?? throw new FormatException($"its part {PlainText.Clipped(name, 80)} is missing"));

    /// <summary>Returns all bytes of a JSON entry.</summary>
    /// <exception cref="FormatException">The entry is longer than any graph.</exception>
    public static byte[] Bytes(ZipArchiveEntry entry)
    {
        if (entry.Length > MostJson)
            throw new FormatException(
                $"its part {PlainText.Clipped(entry.FullName, 80)} has {entry.Length} bytes; "
                    + $"at most {MostJson} are read"
            );
        var bytes = new byte[entry.Length];
        using var stream = entry.Open();
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static ExportedLayout Only(IReadOnlyList<ExportedLayout> programs) =>
        programs is [var only]
            ? only
            : throw new FormatException(
                $"it contains {programs.Count} programs ({string.Join(", ", programs.Take(5).Select(one => one.Model))}): "
                    + "save the one you need in a file of its own"
            );

    private static ExportedProgramException Refuse(string message, Exception? inner) => new(message, inner);
}
