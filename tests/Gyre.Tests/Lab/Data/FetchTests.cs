using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Gyre.Lab.Data;
using Gyre.Lab.Data.Downloads;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Data;

/// <summary>Downloads from a server of the test's own on the loopback address.</summary>
public sealed class FetchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly byte[] _content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i * 7 % 251))];
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(20) };

    public void Dispose()
    {
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_file_is_fetched_checked_and_not_fetched_again()
    {
        using var server = new Server(_content);
        var file = File("data.bin", _content, server);

        Assert.True(Bring(file));
        Assert.Equal(_content, System.IO.File.ReadAllBytes(_folder["data.bin"]));
        Assert.False(Bring(file));
        Assert.Single(server.Ranges);
    }

    [Fact]
    public void A_download_that_was_cut_goes_on_where_it_stopped()
    {
        System.IO.File.WriteAllBytes(_folder["data.bin.part"], _content[..100_000]);
        using var server = new Server(_content);

        Assert.True(Bring(File("data.bin", _content, server)));
        Assert.Equal(100_000, Assert.Single(server.Ranges));
        Assert.Equal(_content, System.IO.File.ReadAllBytes(_folder["data.bin"]));
        Assert.False(System.IO.File.Exists(_folder["data.bin.part"]));
    }

    [Fact]
    public void What_has_another_checksum_is_not_kept()
    {
        using var server = new Server(_content);
        var refused = Assert.Throws<DataException>(() => Bring(File("data.bin", [1, 2, 3], server)));

        Assert.Contains("is not the published file", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Without_a_server_the_sentence_names_the_file_its_address_and_the_folder()
    {
        var server = new Server(_content);
        var file = File("data.bin", _content, server);
        server.Dispose();

        var refused = Assert.Throws<FetchException>(() => Bring(file));

        Assert.Contains(file.Address.ToString(), refused.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Files_at_hand_serve_too()
    {
        Directory.CreateDirectory(_folder["mine"]);
        System.IO.File.WriteAllBytes(_folder["mine/data.bin"], _content);
        var file = new OfficialFile("data.bin", new Uri("http://127.0.0.1:1/"), Sum(_content));

        Assert.True(Bring(file, _folder["mine"]));
        Assert.Equal(_content, System.IO.File.ReadAllBytes(_folder["data.bin"]));
        Assert.Contains(
            "--from takes",
            Assert.Throws<DataException>(() => Bring(file with { Name = "other.bin" }, _folder["mine"])).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_archive_is_unpacked_and_never_outside_of_its_folder()
    {
        var good = Archive("set/one.bin");
        using (var server = new Server(good))
            Assert.True(Bring(File("good.tar.gz", good, server)));
        Assert.Equal([5, 6], System.IO.File.ReadAllBytes(_folder["set/one.bin"]));

        var bad = Archive("../outside.bin");
        using var other = new Server(bad);
        Assert.Contains(
            "does not belong",
            Assert.Throws<DataException>(() => Bring(File("bad.tar.gz", bad, other))).Message,
            StringComparison.Ordinal
        );
        Assert.False(System.IO.File.Exists(Path.Combine(_folder.Path, "..", "outside.bin")));
    }

    [Fact]
    public void Every_set_that_can_be_fetched_is_in_the_catalog() =>
        Assert.All(OfficialFiles.Names, name => Assert.Equal(DataPlace.Known, DataCatalog.Get(name).Place));

    private bool Bring(OfficialFile file, string? from = null) =>
        new Fetch(_client, _ => { }).Bring(file, _folder.Path, from, CancellationToken.None);

    private static OfficialFile File(string name, byte[] content, Server server) =>
        new(name, new Uri($"http://127.0.0.1:{server.Port}/{name}"), Sum(content));

#pragma warning disable CA5351 // the authors publish MD5
    private static string Sum(byte[] content) => Convert.ToHexStringLower(MD5.HashData(content));
#pragma warning restore CA5351

    private static byte[] Archive(string name)
    {
        using var bytes = new MemoryStream();
        using (var zipped = new GZipStream(bytes, CompressionMode.Compress))
        using (var tar = new TarWriter(zipped))
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([5, 6]) });
        return bytes.ToArray();
    }

    /// <summary>Serves one content to any path, with ranges.</summary>
    private sealed class Server : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

        public Server(byte[] content)
        {
            _listener.Start();
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
            new Thread(() => Serve(content)) { IsBackground = true }.Start();
        }

        public int Port { get; }

        /// <summary>Where each request began.</summary>
        public List<int> Ranges { get; } = [];

        public void Dispose() => _listener.Stop();

        private void Serve(byte[] content)
        {
            try
            {
                while (true)
                {
                    using var client = _listener.AcceptTcpClient();
                    using var stream = client.GetStream();
                    using var reader = new StreamReader(stream, leaveOpen: true);
                    var from = 0;
                    for (string? line; (line = reader.ReadLine()) is { Length: > 0 }; )
                        from = line.StartsWith("Range: bytes=", StringComparison.Ordinal)
                            ? int.Parse(
                                line["Range: bytes=".Length..].TrimEnd('-'),
                                System.Globalization.CultureInfo.InvariantCulture
                            )
                            : from;
                    Ranges.Add(from);
                    stream.Write(
                        System.Text.Encoding.ASCII.GetBytes(
                            $"HTTP/1.1 {(from > 0 ? "206 Partial Content" : "200 OK")}\r\nContent-Length: "
                                + $"{content.Length - from}\r\nConnection: close\r\n\r\n"
                        )
                    );
                    stream.Write(content, from, content.Length - from);
                }
            }
            // the last: stopped between two clients
            catch (Exception error) when (error is SocketException or IOException or InvalidOperationException)
            {
                // The test is over.
            }
        }
    }
}
