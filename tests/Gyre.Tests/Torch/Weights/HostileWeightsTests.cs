using System.IO.Compression;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Weights;

/// <summary>
/// Files of torch.save that are made to deceive: nothing of them is called, and nothing is allocated for what they only
/// claim to hold.
/// </summary>
public sealed class HostileWeightsTests : IDisposable
{
    private const long Most = 64 << 20;
    private static readonly PickledStorage Four = new("0", "FloatStorage", 4);
    private static readonly (string, float[]) FourNumbers = ("0", [1, 2, 3, 4]);

    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public void Dispose() => _scope.Dispose();

    [Fact]
    public void A_sound_archive_of_the_writer_is_read()
    {
        var tensor = Assert.Single(Read(Dictionary(new PickledTensor(Four, [2, 2], [1, 2])))).Value;
        Assert.Equal([1, 3, 2, 4], Host.Numbers(tensor));
    }

    public static TheoryData<string, long[], long[], long> Ranges =>
        new()
        {
            { "reaches element 4 of a storage of 4", [5], [1], 0 },
            { "reaches element 4 of a storage of 4", [4], [1], 1 },
            { "reaches element 6 of a storage of 4", [2, 2], [3, 3], 0 },
            { "below 0", [-1], [1], 0 },
            { "below 0", [2], [-1], 3 },
            { "below 0", [2], [1], -1 },
            { "too many elements to count", [long.MaxValue, 3], [0, 1], 0 },
            { "too many elements to count", [2], [long.MaxValue], 3 },
            { "too many elements to count", [0, long.MaxValue, 3], [1, 1, 1], 0 },
            { "elements in a storage of 4", [1L << 40], [0], 0 },
            { "1 sizes and 2 strides", [4], [1, 1], 0 },
            { "reaches element 4", [], [], 4 },
        };

    [Theory]
    [MemberData(nameof(Ranges))]
    public void A_view_lies_in_its_storage(string words, long[] sizes, long[] strides, long offset) =>
        Refused(words, Dictionary(new PickledTensor(Four, sizes, strides, offset)));

    [Theory]
    [InlineData("0", 5, "16 bytes; 5 of 4 are needed")]
    [InlineData("0", 3, "16 bytes; 3 of 4 are needed")]
    [InlineData("0", (1L << 62) + 4, "16 bytes")]
    [InlineData("0", -4, "reaches element 0 of a storage of -4")]
    [InlineData("1", 4, "no data/1")]
    [InlineData("../version", 4, "no data/../version")]
    public void A_storage_is_a_part_of_its_size(string key, long elements, string words) =>
        Refused(words, Dictionary(new PickledTensor(new PickledStorage(key, "FloatStorage", elements), [1], [1])));

    [Fact]
    public void A_storage_of_two_types_is_refused() =>
        Refused(
            "described in two ways",
            new PickledPairs(
                ("a", new PickledTensor(Four, [4], [1])),
                ("b", new PickledTensor(new PickledStorage("0", "IntStorage", 4), [4], [1]))
            )
        );

    [Theory]
    [InlineData("os", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("torch", "load")]
    [InlineData("torch._utils", "_rebuild_sparse_tensor")]
    [InlineData("numpy.core.multiarray", "_reconstruct")]
    public void A_call_is_refused_by_name_where_a_tensor_is_needed_and_is_harmless_elsewhere(string module, string name)
    {
        var call = new PickledCall(new PickledName(module, name), "touch /tmp/gyre-was-here");
        Refused($"an unsupported value ({module}.{name})", Dictionary(call));
        using var file = TorchSaveFile.Open(Archive(new PickledList(call, 7)), "w.pt");
        Assert.Equal(new StoredOpaque($"{module}.{name}"), ((StoredList)file.Root!).Items[0]);
    }

    public static TheoryData<string, byte[]> Pickles =>
        new()
        {
            { "ends within a value", [] },
            { "ends within a value", [0x80, 2] },
            { "protocol 1", [0x80, 1, .. "N."u8] },
            { "the operation 0x69", [0x80, 2, .. "(ios\nsystem\n."u8] },
            { "0 values instead of one", [0x80, 2, .. "."u8] },
            { "2 values instead of one", [0x80, 2, .. "NN."u8] },
            { "uses a value that it has not created", [0x80, 2, .. "R."u8] },
            { "uses a value that it has not created", [0x80, 2, .. "N(R."u8] },
            { "calls a value that is not a function", [0x80, 2, .. "N)R."u8] },
            { "adds pairs to something that is not a dictionary", [0x80, 2, .. "]NNs."u8] },
            { "adds items to something that is not a list", [0x80, 2, .. "}Na."u8] },
            { "a key without a value", [0x80, 2, .. "}(Nu."u8] },
            { "gives attributes to a value that has none", [0x80, 2, .. "])b."u8] },
            { "recalls value 3 of 0", [0x80, 2, .. "h\x03."u8] },
            { "stores value 200 before value 0", [0x80, 2, .. "Nr"u8, 200, 0, 0, 0, .. "."u8] },
            { "a length of 4294967295", [0x80, 2, .. "X"u8, 255, 255, 255, 255] },
            { "ends within a value of 2147483647 bytes", [0x80, 2, .. "X"u8, 255, 255, 255, 127] },
            { "a length of 9223372036854775807", [0x80, 2, 0x8e, 255, 255, 255, 255, 255, 255, 255, 127] },
            { "not UTF-8", [0x80, 2, .. "X"u8, 1, 0, 0, 0, 0xff, .. "."u8] },
            { "an unterminated name", [0x80, 2, .. "cos"u8] },
            { "nested more than 1000 deep", [0x80, 2, .. Enumerable.Repeat((byte)'(', 2000)] },
            { "more than 10000000 values", [0x80, 2, .. Enumerable.Repeat((byte)'N', 10_000_002)] },
        };

    [Theory]
    [MemberData(nameof(Pickles))]
    public void A_pickle_that_is_none_is_refused(string words, byte[] pickle)
    {
        var refused = Assert.Throws<WeightsException>(() =>
            TorchSaveFile.Open(new MemoryStream(SavedFile.Zip([("a/data.pkl", pickle)])), "w.pt").Dispose()
        );
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        Assert.StartsWith("w.pt ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_list_that_holds_itself_is_read_and_no_tensor()
    {
        // ] q0 h0 a: a list, remembered, and added to itself
        byte[] pickle = [0x80, 2, .. "]q\0h\0a."u8];
        using var file = TorchSaveFile.Open(new MemoryStream(SavedFile.Zip([("a/data.pkl", pickle)])), "w.pt");
        Assert.Same(file.Root, Assert.Single(((StoredList)file.Root!).Items));
    }

    [Fact]
    public void Doubled_lists_cost_what_their_bytes_cost()
    {
        // each list holds the one before it twice: 2^1000 lists to whoever walks along them
        var pickle = new List<byte> { 0x80, 2 };
        pickle.AddRange("]q\0"u8.ToArray());
        for (var i = 0; i < 200; i++)
            pickle.AddRange([
                (byte)'0',
                (byte)']',
                (byte)'(',
                (byte)'h',
                (byte)i,
                (byte)'h',
                (byte)i,
                (byte)'e',
                (byte)'q',
                (byte)(i + 1),
            ]);
        pickle.Add((byte)'.');
        Frugal(() =>
            TorchSaveFile.Open(new MemoryStream(SavedFile.Zip([("a/data.pkl", [.. pickle])])), "w.pt").Dispose()
        );
    }

    [Fact]
    public void Two_parts_of_one_name_compressed_parts_and_big_endian_numbers_are_refused()
    {
        var pickle = PickleWriter.Write(Dictionary(PickledTensor.Vector("0", 4)), wrapsParameters: true).Pickle;
        (string, byte[])[] sound = [("a/data.pkl", pickle), ("a/data/0", new byte[16])];
        RefusedZip("two data.pkl", [.. sound, ("b/data.pkl", pickle)]);
        RefusedZip("two data.pkl", [.. sound, ("a/data.pkl", pickle)]);
        RefusedZip("two parts named a/data/0", [.. sound, ("a/data/0", new byte[16])]);
        RefusedZip("no data.pkl", [("a/version", [])]);
        RefusedZip("its byte order is big", [.. sound, ("a/byteorder", "big"u8.ToArray())]);
        RefusedZip("TorchScript", [.. sound, ("a/constants.pkl", [])]);
        RefusedZip("is compressed", [.. sound, ("a/data/1", new byte[1 << 20])], CompressionLevel.Optimal);
    }

    [Fact]
    public void A_changed_byte_is_found_by_the_checksum_of_its_part()
    {
        var bytes = SavedFile.Bytes(Dictionary(PickledTensor.Vector("0", 4)), FourNumbers);
        var numbers = BitConverter.GetBytes(3f);
        var at = bytes.AsSpan().IndexOf(numbers);
        bytes[at] ^= 1;
        var refused = Assert.Throws<WeightsException>(() => TorchSaveFile.ReadTensors(new MemoryStream(bytes), "w.pt"));
        Assert.Contains("data/0 has the checksum", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Boolean_is_0_or_1()
    {
        var tensor = new PickledTensor(new PickledStorage("0", "BoolStorage", 2), [2], [1]);
        var bytes = SavedFile.Zip([
            ("a/data.pkl", PickleWriter.Write(Dictionary(tensor), wrapsParameters: true).Pickle),
            ("a/data/0", [1, 2]),
        ]);
        var refused = Assert.Throws<WeightsException>(() => TorchSaveFile.ReadTensors(new MemoryStream(bytes), "w.pt"));
        Assert.Contains("a byte other than 0 and 1", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_million_names_that_nobody_needs_cost_what_reading_them_costs()
    {
        var pairs = Enumerable.Range(0, 1_000_000).Select(i => ((object?)$"n{i}", (object?)i)).ToArray();
        var root = new PickledPairs(
            ("state_dict", Dictionary(PickledTensor.Vector("0", 4))),
            ("rest", new PickledPairs(pairs))
        );
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["w.pt"], SavedFile.Bytes(root, FourNumbers));
        Frugal(() => Assert.Single(WeightsFile.Read(folder["w.pt"]).Tensors), 8 * Most);
    }

    [Fact]
    public void Names_are_shown_without_what_steers_a_terminal()
    {
        var refused = Assert.Throws<WeightsException>(() =>
            Read(new PickledPairs(($"a\u001b[31m{new string('x', 500)}", new PickledTensor(Four, [9], [1]))))
        );
        Assert.DoesNotContain('\u001b', refused.Message);
        Assert.InRange(refused.Message.Length, 10, 400);
    }

    private static PickledPairs Dictionary(object? value) => new(("w", value));

    private static MemoryStream Archive(object? root) => new(SavedFile.Bytes(root, FourNumbers));

    private static IReadOnlyDictionary<string, Tensor> Read(object? root) =>
        TorchSaveFile.ReadTensors(Archive(root), "w.pt");

    private static void Refused(string words, object? root) =>
        Frugal(() =>
        {
            var refused = Assert.Throws<WeightsException>(() => Read(root));
            Assert.Contains(words, refused.Message, StringComparison.Ordinal);
        });

    private static void RefusedZip(
        string words,
        IEnumerable<(string, byte[])> parts,
        CompressionLevel packing = CompressionLevel.NoCompression
    )
    {
        var zip = new MemoryStream(SavedFile.Zip(parts, packing));
        var refused = Assert.Throws<WeightsException>(() => TorchSaveFile.ReadTensors(zip, "w.pt"));
        Assert.Contains(words, refused.Message, StringComparison.Ordinal);
    }

    private static void Frugal(Action work, long most = Most)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, most);
    }
}
