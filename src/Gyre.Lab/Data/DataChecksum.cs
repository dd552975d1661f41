using System.Security.Cryptography;
using System.Text;
using Gyre.Torch;

namespace Gyre.Lab.Data;

/// <summary>
/// Tells one content of a data set's files from another: what makes a run one of its data (<c>data.sha256</c>). Cost:
/// every file is read
/// once in a process, again only where its length or its time has changed.
/// </summary>
internal static class DataChecksum
{
    /// <summary>SHA-256 over the names, lengths and bytes of the files that the data set reads.</summary>
    /// <param name="name">In the data catalog.</param>
    /// <param name="path">As in <c>data.path</c>; "" for where named sets are kept.</param>
    /// <returns>
    /// 64 hexadecimal digits; that of <c>sha256sum</c> where it is a single file. "" for data that the program makes,
    /// and where a file
    /// cannot be read: the reader says what is missing.
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

    /// <summary>Checks that the files are those of a checksum.</summary>
    /// <exception cref="DataException">They are others.</exception>
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
                + $"data that this run was begun with: their SHA-256 is {now}, and data.sha256 is {request.Checksum}. "
                + "Put those files back, or start another run with --set data.sha256=."
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
