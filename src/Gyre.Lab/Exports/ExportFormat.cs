using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Exports;

/// <summary>A file to be written by an export.</summary>
/// <param name="Name">Path relative to the export's folder.</param>
/// <param name="Write">Writes the content; the stream is left open.</param>
internal sealed record ExportFile(string Name, Action<Stream> Write)
{
    /// <summary>Writes the file into a folder, whole or not at all, replacing an earlier one.</summary>
    /// <returns>The file's path.</returns>
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
            var cure = FileFault.Cure(error, "choose another folder with --out");
            throw new RunFolderException($"{path} cannot be written: {error.Message.TrimEnd('.')}. {cure}", error);
        }
    }
}

/// <summary>An export format in the catalog.</summary>
/// <param name="Name">Name on the command line.</param>
/// <param name="Files">Lists the files to write for a source.</param>
internal sealed record ExportFormat(string Name, Func<ExportSource, IEnumerable<ExportFile>> Files);

/// <summary>The export formats. A new format is one new file and one line here.</summary>
internal static class FormatCatalog
{
    public static IReadOnlyList<ExportFormat> Formats { get; } =
    [new("csv", CsvFormat.Files), new("parquet", ParquetFormat.Files), new("tensorboard", TensorBoardFormat.Files)];

    public static IReadOnlyList<string> Names => [.. Formats.Select(format => format.Name)];

    public static ExportFormat? TryGet(string name) => Formats.FirstOrDefault(format => format.Name == name);
}
