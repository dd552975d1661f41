using System.Security.Cryptography;
using System.Text;
using Gyre.Torch;

namespace Gyre.Lab.Data;

/// <summary>
/// Computes the checksum of a data set's files (<c>data.sha256</c>), which ties a run to its data. Cost: every file is
/// read once per process, and again only if its length or time has changed.
/// </summary>
internal static class DataChecksum
{
    /// <summary>Returns the SHA-256 over the names, lengths and bytes of the files that the data set reads.</summary>
    /// <param name="name">A name of the data catalog.</param>
    /// <param name="path">The value of <c>data.path</c>; "" for the folder of named data sets.</param>
    /// <returns>
    /// 64 hexadecimal digits, which equal those of <c>sha256sum</c> for a single file; "" for data that the program
    /// generates, and if a file cannot be read, which the reader reports.
    /// </returns>
    public static string Compute(string name, string path)
    {
        var source = DataCatalog.Get(name);
        try
        {
            return source.FilesAt(path) is { Count: > 0 } files ? Over(files) : "";
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or ArgumentException or DataException)
        {
            return "";
        }
    }

    /// <summary>Checks that the files have the recorded checksum.</summary>
    /// <exception cref="DataException">They have another one.</exception>
    internal static void Check(DataSource source, DataRequest request)
    {
        if (
            request.Checksum.Length == 0
            || Compute(source.Name, request.Path) is not { Length: > 0 } now
            || now == request.Checksum
        )
            return;
        throw new DataException(
            "The files of data.name = "
                + $"\"{source.Name}\"{(request.Path.Length > 0 ? $", data.path = \"{request.Path}\"," : "")} are "
                + "not the "
                + $"data that this run started with: their SHA-256 is {now}, and data.sha256 is {request.Checksum}. "
                + "Restore those files, or start another run with --set data.sha256=."
        );
    }

    private static string Over(IReadOnlyList<string> files)
    {
        if (files.Count == 1)
            return ComputeForFile(files[0]);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var root = Path.GetDirectoryName(files[0])!;
        foreach (var file in files)
        {
            var relative = Path.GetRelativePath(root, file).Replace('\\', '/');
            hash.AppendData(Encoding.UTF8.GetBytes($"{relative}\n{ComputeForFile(file)}\n"));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string ComputeForFile(string path) => FileSum.Sha256(path, file => UserFile.Open(file));
}
