using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Exports;

/// <summary>A file to be written.</summary>
/// <param name="Name">Path below the export's folder.</param>
/// <param name="Write">Writes the content; the stream is left open.</param>
internal sealed record ExportFile(string Name, Action<Stream> Write)
{
    /// <summary>Writes it into a folder, whole or not at all, in place of an earlier one.</summary>
    /// <returns>Its path.</returns>
    /// <exception cref="RunFolderException">It cannot be written, or its source cannot be read.</exception>
    public string Save(string folder)
    {
        var path = Path.Combine(folder, Name);
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            WholeFile.Write(path, Write);
            return path;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            var cure = FileFault.Cure(error, "name another folder with --out");
            throw new RunFolderException($"{path} cannot be written: {error.Message.TrimEnd('.')}. {cure}", error);
        }
    }
}

/// <summary>One line of the catalog of formats.</summary>
/// <param name="Name">As given on the command line.</param>
/// <param name="Files">What is to be written of a source.</param>
internal sealed record ExportFormat(string Name, Func<ExportSource, IEnumerable<ExportFile>> Files);

/// <summary>The formats. A new one is one new file and one line here.</summary>
internal static class FormatCatalog
{
    /// <summary>Every format, in order.</summary>
    public static IReadOnlyList<ExportFormat> Formats { get; } =
    [new("csv", CsvFormat.Files), new("parquet", ParquetFormat.Files), new("tensorboard", TensorBoardFormat.Files)];

    /// <summary>Every name, in order.</summary>
    public static IReadOnlyList<string> Names => [.. Formats.Select(format => format.Name)];

    /// <summary>The format of a name; null where there is none.</summary>
    public static ExportFormat? TryGet(string name) => Formats.FirstOrDefault(format => format.Name == name);
}
