using System.IO.Compression;
using Gyre.Lab.Data;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Data;

/// <summary>
/// Arrays as numpy 1.24 wrote them; TestKit/TorchScript/x.npy and y.npy are real files, others are made here byte by
/// byte by the format's description.
/// </summary>
public sealed class NumpyTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Files_of_numpy_are_read_as_numpy_reads_them()
    {
        var (x, y) = (NpyReader.Open(ExportedNetworks.File("x.npy")), NpyReader.Open(ExportedNetworks.File("y.npy")));

        Assert.Equal([12, 3, 12], x.Shape.Concat(y.Shape));
        Assert.Equal((false, true), (x.IsWhole, y.IsWhole));
        var (row, label) = (new double[3], new double[1]);
        x.Read(0, row);
        y.Read(11, label);
        var floats = Floats(ExportedNetworks.File("x.npy"));
        Assert.Equal(floats[..3], row.Select(value => (float)value));
        Assert.InRange(label[0], 0, 2);
    }

    [Theory]
    [InlineData("|u1", new byte[] { 200 }, 200)]
    [InlineData("|i1", new byte[] { 200 }, -56)]
    [InlineData("|b1", new byte[] { 1 }, 1)]
    [InlineData("<i2", new byte[] { 0xfe, 0xff }, -2)]
    [InlineData(">i2", new byte[] { 0xff, 0xfe }, -2)]
    [InlineData("<u2", new byte[] { 0xfe, 0xff }, 65534)]
    [InlineData("<i4", new byte[] { 0xff, 0xff, 0xff, 0xff }, -1)]
    [InlineData(">u4", new byte[] { 0, 0, 1, 0 }, 256)]
    [InlineData("<i8", new byte[] { 5, 0, 0, 0, 0, 0, 0, 0 }, 5)]
    [InlineData("<f2", new byte[] { 0x00, 0x3e }, 1.5)]
    [InlineData("<f4", new byte[] { 0, 0, 0xc0, 0x3f }, 1.5)]
    [InlineData(">f8", new byte[] { 0xbf, 0xf8, 0, 0, 0, 0, 0, 0 }, -1.5)]
    public void Every_plain_type_is_known(string type, byte[] bytes, double expected)
    {
        foreach (var version in new byte[] { 1, 2, 3 })
        {
            var reader = NpyReader.Open(Write("one.npy", Npy(type, "(1,)", bytes, version: version)));
            var one = new double[1];
            reader.Read(0, one);
            Assert.Equal(expected, one[0]);
        }
    }

    [Theory]
    [InlineData("|O", "numeric dtype")]
    [InlineData("<U3", "numeric dtype")]
    [InlineData("<c8", "numeric dtype")]
    public void What_is_not_numbers_is_refused_with_the_cure(string type, string words) =>
        Assert.Contains(
            words,
            Refused(() => NpyReader.Open(Write("bad.npy", Npy(type, "(1,)", new byte[8])))),
            StringComparison.Ordinal
        );

    /// <summary>What numpy reads, in the spellings of its versions, of Python 2 and of other programs.</summary>
    [Theory]
    [InlineData("{'descr': '<i2', 'fortran_order': False, 'shape': (3L, 2L), }")]
    [InlineData("{\"descr\": \"<i2\", \"fortran_order\": False, \"shape\": (3, 2)}")]
    [InlineData("{'shape':(3,2),'fortran_order':False,'descr':'<i2'}")]
    [InlineData("  { u'descr' : u'int16' ,\n 'fortran_order':\tFalse, 'shape': ( 3 , 2 , ) , }  ")]
    [InlineData("{'descr': 'i2', 'fortran_order': False, 'shape': (3, 2)}")]
    [InlineData("{'descr': '=h', 'fortran_order': False, 'shape': (3, 2)}")]
    public void Headers_are_read_in_every_spelling_that_numpy_reads(string header)
    {
        var reader = NpyReader.Open(Write("x.npy", WithHeader(header, [1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0])));
        Assert.Equal([3, 2], reader.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], Rows(reader));
    }

    /// <summary>
    /// numpy.arange(24).reshape(2, 3, 4) and its transposes: the place of (i, j, k) in Fortran order is i + 2(j + 3k).
    /// </summary>
    [Fact]
    public void Fortran_order_is_read()
    {
        var bytes = new byte[24];
        for (var place = 0; place < 24; place++)
            bytes[place % 2 + 2 * (place / 2 % 3 + 3 * (place / 6))] = (byte)(
                12 * (place % 2) + 4 * (place / 2 % 3) + place / 6
            );
        Assert.Equal(
            Enumerable.Range(0, 24).Select(i => (double)i),
            Rows(NpyReader.Open(Write("f.npy", Npy("|u1", "(2, 3, 4)", bytes, fortran: true))))
        );
        Assert.Equal([1, 3, 2, 4], Rows(NpyReader.Create(Npy("|u1", "(2, 2)", [1, 2, 3, 4], fortran: true), "f")));
        Assert.Equal([1, 2, 3], Rows(NpyReader.Create(Npy("|u1", "(3,)", [1, 2, 3], fortran: true), "f")));
    }

    [Theory]
    [InlineData("{'descr': '<i2', 'fortran_order': False}", "not a dictionary of descr, fortran_order and shape")]
    [InlineData("{'descr': '<i2', 'descr': '<i4', 'fortran_order': False, 'shape': (1,)}", "not a dictionary")]
    [InlineData("{'descr': '<i2', 'fortran_order': 1, 'shape': (1,)}", "fortran_order 1")]
    [InlineData("{'descr': '<i2', 'fortran_order': False, 'shape': (1)}", "not a tuple")]
    [InlineData("{'descr': '<i2', 'fortran_order': False, 'shape': (-1,)}", "not a tuple")]
    [InlineData("{'descr': '<i2', 'fortran_order': False, 'shape': ()}", "0 dimensions")]
    [InlineData("{'descr': '<i2', 'fortran_order': False, 'shape': (3000000000,)}", "at most 2147483647 samples")]
    [InlineData("{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (1,)}", "contains records")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (1,)}", "Python objects")]
    public void Headers_that_cannot_be_used_are_refused_by_what_they_say(string header, string words) =>
        Assert.Contains(
            words,
            Refused(() => NpyReader.Open(Write("x.npy", WithHeader(header, new byte[2])))),
            StringComparison.Ordinal
        );

    [Fact]
    public void Truncated_files_and_foreign_ones_are_refused()
    {
        Assert.Contains(
            "numpy",
            Refused(() => NpyReader.Open(Write("text.npy", "hello, this is no array"u8.ToArray()))),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "header requires",
            Refused(() => NpyReader.Open(Write("big.npy", Npy("<f8", "(1000000, 100000)", new byte[16])))),
            StringComparison.Ordinal
        );
        var whole = Npy("<f4", "(2, 2)", new byte[16]);
        for (var length = 0; length < whole.Length; length += 7)
            Refused(() => NpyReader.Open(Write("cut.npy", whole[..length])));
        Assert.Contains(
            "longer",
            Refused(() => NpyReader.Open(Write("long.npy", [.. whole, 0]))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Classes_and_numbers_to_be_met_are_told_apart_by_their_type()
    {
        using var scope = NewDisposeScope();
        Write("train_x.npy", Npy("<f4", "(4, 2)", [.. Bytes([0, 1, 2, 3, 4, 5, 6, 7])]));
        Write("train_y.npy", Npy("<i8", "(4,)", [.. new long[] { 0, 2, 1, 0 }.SelectMany(BitConverter.GetBytes)]));
        using var classes = DataCatalog.Get("arrays").Load(Request());
        Assert.Equal((3L, false), (classes.Outputs, classes.Numbers));
        Assert.Equal([0L, 2, 1, 0], classes.Train.Chunk(0).Targets.data<long>().ToArray());
        // Features 0, 2, 4, 6 and 1, 3, 5, 7: mean 3 and 4, deviation sqrt 5 both.
        Assert.Equal(
            [-3 / Math.Sqrt(5), -3 / Math.Sqrt(5)],
            classes.Train.Chunk(0).Inputs[0].data<double>().ToArray().Select(value => Math.Round(value, 15)),
            (a, b) => Math.Abs(a - b) < 1e-12
        );

        Write("train_y.npy", Npy("<f4", "(4, 2)", [.. Bytes([9, 8, 7, 6, 5, 4, 3, 2])]));
        using var numbers = DataCatalog.Get("arrays").Load(Request());
        Assert.Equal((2L, true), (numbers.Outputs, numbers.Numbers));
        Assert.Equal([9.0, 8.0], numbers.Train.Chunk(0).Targets[0].data<double>().ToArray());
    }

    [Theory]
    [InlineData(new long[] { 0, -1, 1, 0 }, "label -1 of train sample 1")]
    [InlineData(new long[] { 0, 1, 1, 200_000 }, "label 200000 of train sample 3")]
    public void Labels_out_of_range_are_named(long[] labels, string words)
    {
        Write("train_x.npy", Npy("<f4", "(4, 2)", [.. Bytes([0, 1, 2, 3, 4, 5, 6, 7])]));
        Write("train_y.npy", Npy("<i8", "(4,)", [.. labels.SelectMany(BitConverter.GetBytes)]));
        Assert.Contains(words, Refused(() => DataCatalog.Get("arrays").Read(Request())), StringComparison.Ordinal);
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_named_by_sample_and_place()
    {
        Write("train_x.npy", Npy("<f4", "(4, 2)", [.. Bytes([0, 1, 2, float.NaN, 4, 5, 6, 7])]));
        Write("train_y.npy", Npy("<i8", "(4,)", new byte[32]));
        Assert.Contains(
            "Sample 1 has NaN as value 1",
            Refused(() => DataCatalog.Get("arrays").Load(Request())),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void An_archive_is_read_and_one_made_to_fill_memory_is_refused()
    {
        using (var zip = ZipFile.Open(_folder["data.npz"], ZipArchiveMode.Create))
        {
            Add(zip, "x.npy", Npy("<f4", "(2, 2)", [.. Bytes([1, 2, 3, 5])]));
            Add(zip, "y.npy", Npy("|u1", "(2,)", [0, 1]));
        }
        Assert.Equal(2, ((NumberSet)Arrays.Read(_folder["data.npz"])).Train.Count);

        using (var zip = ZipFile.Open(_folder["bomb.npz"], ZipArchiveMode.Create))
        {
            Add(zip, "x.npy", Npy("<f8", "(30000, 60000)", []));
            Add(zip, "y.npy", Npy("|u1", "(2,)", [0, 1]));
        }
        Assert.Contains(
            "header requires 14400000000 bytes of data, but there are 0",
            Refused(() => Arrays.Read(_folder["bomb.npz"])),
            StringComparison.Ordinal
        );
        File.WriteAllBytes(_folder["cut.npz"], File.ReadAllBytes(_folder["data.npz"])[..80]);
        Assert.Contains("truncated", Refused(() => Arrays.Read(_folder["cut.npz"])), StringComparison.Ordinal);
    }

    /// <summary>
    /// A sound array that is too large is not called damaged: the reason is its size. Its directory entry is made to
    /// say so here.
    /// </summary>
    [Fact]
    public void An_array_beyond_the_runtimes_arrays_is_refused_by_its_size()
    {
        using (var zip = ZipFile.Open(_folder["wide.npz"], ZipArchiveMode.Create))
        {
            Add(zip, "x.npy", Npy("<f4", "(2, 2)", [.. Bytes([1, 2, 3, 5])]));
            Add(zip, "y.npy", Npy("|u1", "(2,)", [0, 1]));
        }
        var bytes = File.ReadAllBytes(_folder["wide.npz"]);
        var directory = bytes.AsSpan().IndexOf("PK\x01\x02"u8);
        BitConverter.TryWriteBytes(bytes.AsSpan(directory + 24), 2_400_000_000u);
        File.WriteAllBytes(_folder["wide.npz"], bytes);
        Assert.Matches(
            "2,400,000,000 bytes uncompressed; arrays in .npz files have at most [0-9,]+ .*Save it as a .npy file",
            Refused(() => Arrays.Read(_folder["wide.npz"]))
        );
    }

    /// <summary>
    /// Deflate packs 1,032 bytes into one at best: more is a false directory, and no memory is taken for it.
    /// </summary>
    [Fact]
    public void A_directory_that_says_more_than_its_bytes_hold_is_refused_before_memory_is_taken()
    {
        using (var zip = ZipFile.Open(_folder["false.npz"], ZipArchiveMode.Create))
        {
            Add(zip, "x.npy", Npy("<f4", "(2, 2)", [.. Bytes([1, 2, 3, 5])]));
            Add(zip, "y.npy", Npy("|u1", "(2,)", [0, 1]));
        }
        var bytes = File.ReadAllBytes(_folder["false.npz"]);
        BitConverter.TryWriteBytes(bytes.AsSpan(bytes.AsSpan().IndexOf("PK\x01\x02"u8) + 24), 100_000_000u);
        File.WriteAllBytes(_folder["false.npz"], bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(
            "compressed bytes cannot contain them",
            Refused(() => Arrays.Read(_folder["false.npz"])),
            StringComparison.Ordinal
        );
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    /// <summary>Zeros pack as well as anything can, and are sound.</summary>
    [Fact]
    public void Zeros_are_read_however_well_they_pack()
    {
        using (var zip = ZipFile.Open(_folder["zeros.npz"], ZipArchiveMode.Create))
        {
            using (var entry = zip.CreateEntry("x.npy", CompressionLevel.SmallestSize).Open())
                entry.Write(Npy("|u1", "(2, 10000000)", new byte[20_000_000]));
            Add(zip, "y.npy", Npy("|u1", "(2,)", [0, 1]));
        }
        Assert.Equal(10_000_000, ((NumberSet)Arrays.Read(_folder["zeros.npz"])).Train.Features.Size);
    }

    [Fact]
    public void A_flipped_byte_of_an_archive_is_found_by_its_checksum()
    {
        using (var zip = ZipFile.Open(_folder["d.npz"], ZipArchiveMode.Create))
        {
            foreach (
                var (name, type, shape, data) in new[]
                {
                    ("x.npy", "<f4", "(2, 2)", Bytes([1, 2, 3, 5]).ToArray()),
                    ("y.npy", "|u1", "(2,)", [0, 1]),
                }
            )
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(Npy(type, shape, data));
            }
        }
        var bytes = File.ReadAllBytes(_folder["d.npz"]);
        bytes[bytes.AsSpan().IndexOf(BitConverter.GetBytes(5f)) + 1] ^= 1;
        File.WriteAllBytes(_folder["d.npz"], bytes);
        Assert.Contains("x of ", Refused(() => Arrays.Read(_folder["d.npz"])), StringComparison.Ordinal);
        Assert.Contains("checksum (CRC-32)", Refused(() => Arrays.Read(_folder["d.npz"])), StringComparison.Ordinal);
    }

    [Fact]
    public void Arrays_that_are_not_read_are_told_and_missing_ones_answered_by_those_that_are_there()
    {
        using (var zip = ZipFile.Open(_folder["a.npz"], ZipArchiveMode.Create))
        {
            Add(zip, "X_train.npy", Npy("<f4", "(2, 2)", [.. Bytes([1, 2, 3, 5])]));
            Add(zip, "y_train.npy", Npy("|u1", "(2,)", [0, 2]));
            Add(zip, "weights.npy", Npy("|u1", "(1,)", [0]));
        }
        var data = Arrays.Read(_folder["a.npz"]);
        Assert.Contains("not read: the array \"weights\"", data.Remarks[0], StringComparison.Ordinal);
        Assert.Contains("no training sample has class 1", data.Remarks[1], StringComparison.Ordinal);

        using (var zip = ZipFile.Open(_folder["b.npz"], ZipArchiveMode.Create))
        {
            Add(zip, "pictures.npy", Npy("|u1", "(1,)", [0]));
            Add(zip, "kinds.npy", Npy("|u1", "(1,)", [0]));
        }
        Assert.Contains(
            "It holds \"pictures\", \"kinds\"",
            Refused(() => Arrays.Read(_folder["b.npz"])),
            StringComparison.Ordinal
        );
        Assert.Contains("It holds no array", Refused(() => Arrays.Read(_folder.Path)), StringComparison.Ordinal);
        Assert.Contains(
            "a single array",
            Refused(() => Arrays.Read(Write("x.npy", Npy("|u1", "(1,)", [0])))),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Two_arrays_of_one_name_are_refused()
    {
        using (var zip = ZipFile.Open(_folder["twice.npz"], ZipArchiveMode.Create))
        {
            Add(zip, "x.npy", Npy("|u1", "(1,)", [0]));
            Add(zip, "x.npy", Npy("|u1", "(1,)", [1]));
        }
        Assert.Contains(
            "the array \"x\" twice",
            Refused(() => Arrays.Read(_folder["twice.npz"])),
            StringComparison.Ordinal
        );
    }

    private DataRequest Request() => new(_folder.Path) { Layout = new(1000, long.MaxValue, ScalarType.Float64, CPU) };

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder[name], bytes);
        return _folder[name];
    }

    private static void Add(ZipArchive zip, string name, byte[] bytes)
    {
        using var entry = zip.CreateEntry(name).Open();
        entry.Write(bytes);
    }

    private static string Refused(Func<object> read) => Assert.Throws<DataException>(read).Message;

    private static IEnumerable<byte> Bytes(float[] values) => values.SelectMany(BitConverter.GetBytes);

    private static double[] Rows(NpyReader reader)
    {
        var all = new double[reader.Count * reader.Size];
        for (var row = 0; row < reader.Count; row++)
            reader.Read(row, all.AsSpan(row * reader.Size, reader.Size));
        return all;
    }

    /// <summary>Version 1 with a header as it is given, of any length.</summary>
    private static byte[] WithHeader(string header, byte[] data) =>
        [
            0x93,
            .. "NUMPY"u8,
            1,
            0,
            .. BitConverter.GetBytes((ushort)header.Length),
            .. System.Text.Encoding.Latin1.GetBytes(header),
            .. data,
        ];

    /// <summary>
    /// numpy.lib.format: magic, version, little-endian length, a Python dictionary padded to 64 bytes, the data.
    /// </summary>
    private static byte[] Npy(string type, string shape, byte[] data, bool fortran = false, byte version = 1)
    {
        var header = $"{{'descr': '{type}', 'fortran_order': {(fortran ? "True" : "False")}, 'shape': {shape}, }}";
        var before = version == 1 ? 10 : 12;
        header = header.PadRight((header.Length + 1 + before + 63) / 64 * 64 - before - 1) + "\n";
        byte[] length =
            version == 1 ? BitConverter.GetBytes((ushort)header.Length) : BitConverter.GetBytes((uint)header.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. System.Text.Encoding.Latin1.GetBytes(header), .. data];
    }

    /// <summary>The data at the end of a file of 12×3 floats.</summary>
    private static float[] Floats(string path)
    {
        var bytes = File.ReadAllBytes(path);
        return [.. Enumerable.Range(0, 36).Select(i => BitConverter.ToSingle(bytes, bytes.Length - 144 + 4 * i))];
    }
}
