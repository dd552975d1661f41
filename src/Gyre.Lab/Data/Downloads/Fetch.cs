using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Gyre.Torch;

namespace Gyre.Lab.Data.Downloads;

/// <summary>
/// Thrown if a download fails because a network or server is unavailable. The message explains where to get the files
/// and where to put them.
/// </summary>
internal sealed class FetchException : GyreException
{
    /// <inheritdoc/>
    public override int ExitCode => 3;

    /// <summary>Creates the exception with sentences for users.</summary>
    public FetchException(string message, Exception? inner = null)
        : base(message, inner) { }
}

/// <summary>The progress of a download.</summary>
/// <param name="Name">Name of the file.</param>
/// <param name="Bytes">Bytes received so far.</param>
/// <param name="Total">Total number of bytes; 0 if it is unknown.</param>
internal sealed record FetchProgress(string Name, long Bytes, long Total);

/// <summary>
/// Downloads published files to a folder, from their address, another address, or a local folder or file. Each file is
/// checked before it gets its final name, and an interrupted download resumes.
/// </summary>
/// <param name="client">The client for addresses.</param>
/// <param name="tell">Called as bytes arrive.</param>
internal sealed class Fetch(HttpClient client, Action<FetchProgress> tell)
{
    private const long MostUnpacked = 1L << 30;
    private const int Block = 1 << 16;

    /// <summary>Downloads one file, and unpacks it if it is an archive.</summary>
    /// <param name="file">The file.</param>
    /// <param name="folder">The target folder.</param>
    /// <param name="from">An address, a folder or a file to use instead of the published address; null to use
    /// that.</param>
    /// <param name="stop">Stops the download; the received bytes are kept for the next call.</param>
    /// <returns>Whether anything had to be done.</returns>
    /// <exception cref="DataException">The file received is not the published one, or the folder cannot be written.
    /// </exception>
    /// <exception cref="FetchException">Nothing was received.</exception>
    public bool Bring(OfficialFile file, string folder, string? from, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(file);
        var (path, part) = (Path.Combine(folder, file.Name), Path.Combine(folder, file.Name + ".part"));
        try
        {
            Directory.CreateDirectory(folder);
            if (File.Exists(path) && Sum(path) == file.Md5)
                return false;
            if (from is not null && !Uri.IsWellFormedUriString(from, UriKind.Absolute))
                File.Copy(Found(from, file.Name), part, overwrite: true);
            else
                Download(file, from is null ? file.Address : Address(from, file.Name), part, folder, stop);
            Accept(file, part, path);
            if (file.IsArchive)
                Unpack(path, folder);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException(
                $"{path} cannot be written: {error.Message} Free some space, or choose another folder with --path or "
                    + $"{DataFolder.Variable}.",
                error
            );
        }
    }

    private static void Accept(OfficialFile file, string part, string path)
    {
        var sum = Sum(part);
        if (sum == file.Md5)
        {
            File.Move(part, path, overwrite: true);
            return;
        }
        File.Delete(part);
        throw new DataException(
            $"{file.Name} is not the published file: its MD5 is {sum}, not {file.Md5}. Nothing was kept; try "
                + "again, or from elsewhere with --from."
        );
    }

    private static string Found(string from, string name)
    {
        var path = Directory.Exists(from) ? Path.Combine(from, name) : from;
        if (!File.Exists(path))
            throw new DataException(
                $"{path} does not exist. --from takes an address, a folder with {name}, or that file."
            );
        UserFile.CheckRegular(path);
        return path;
    }

    private static Uri Address(string from, string name) =>
        new(from.EndsWith(name, StringComparison.Ordinal) ? from : from.TrimEnd('/') + "/" + name);

    private void Download(OfficialFile file, Uri address, string part, string folder, CancellationToken stop)
    {
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            var there = File.Exists(part) ? new FileInfo(part).Length : 0;
            if (there > 0)
                request.Headers.Range = new RangeHeaderValue(there, null);
            using var response = client.Send(request, HttpCompletionOption.ResponseHeadersRead, stop);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
                return; // all of it has come; the checksum decides
            response.EnsureSuccessStatusCode();
            var resumed = response.StatusCode == HttpStatusCode.PartialContent;
            using var body = response.Content.ReadAsStream(stop);
            using var into = new FileStream(part, resumed ? FileMode.Append : FileMode.Create, FileAccess.Write);
            Copy(body, into, file.Name, (resumed ? there : 0) + (response.Content.Headers.ContentLength ?? 0), stop);
        }
        catch (Exception error)
            when (error is HttpRequestException or TaskCanceledException or HttpIOException
                && !stop.IsCancellationRequested
            )
        {
            throw new FetchException(
                $"{file.Name} could not be downloaded: {error.Message.TrimEnd('.')}. Without a network, download "
                    + $"{address} on another machine and put it into {folder}, or name its folder with --from; the same "
                    + "command checks it and resumes.",
                error
            );
        }
    }

    private void Copy(Stream body, FileStream into, string name, long total, CancellationToken stop)
    {
        var block = new byte[Block];
        int read;
        while ((read = body.Read(block)) > 0)
        {
            stop.ThrowIfCancellationRequested();
            into.Write(block, 0, read);
            tell(new FetchProgress(name, into.Position, total));
        }
    }

    /// <summary>Accepts only regular files below the folder, and no more of them than such a data set has.</summary>
    private static void Unpack(string archive, string folder)
    {
        var (root, unpacked) = (Path.GetFullPath(folder) + Path.DirectorySeparatorChar, 0L);
        using var file = File.OpenRead(archive);
        using var plain = new GZipStream(file, CompressionMode.Decompress);
        using var tar = new TarReader(plain);
        while (tar.GetNextEntry() is { } entry)
        {
            if (
                entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                || entry.DataStream is null
            )
                continue;
            var path = Path.GetFullPath(Path.Combine(root, entry.Name));
            unpacked += entry.Length;
            if (!path.StartsWith(root, StringComparison.Ordinal) || unpacked > MostUnpacked)
                throw new DataException(
                    $"{archive} has an entry {entry.Name} that does not belong there; unpacking stopped."
                );
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            entry.ExtractToFile(path, overwrite: true);
        }
    }

    private static string Sum(string path)
    {
        using var file = File.OpenRead(path);
#pragma warning disable CA5351 // the authors publish MD5; it tells damage, not malice
        return Convert.ToHexStringLower(MD5.HashData(file));
#pragma warning restore CA5351
    }
}
