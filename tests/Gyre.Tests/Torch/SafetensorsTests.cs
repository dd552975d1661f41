using System.Text;
using CsCheck;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch;

public class SafetensorsTests
{
    private static readonly ScalarType[] Dtypes =
    [
        ScalarType.Float64,
        ScalarType.Float32,
        ScalarType.Float16,
        ScalarType.BFloat16,
        ScalarType.Int64,
        ScalarType.Int32,
        ScalarType.Int16,
        ScalarType.Int8,
        ScalarType.Byte,
        ScalarType.Bool,
    ];

    [Fact]
    public void A_file_built_by_hand_is_read()
    {
        using var scope = NewDisposeScope();
        // {"a": F32 [2, 2] = 1, -2, 0.5, 0; "b": I16 [1] = -2; "c": BF16 [] = 1}, out of alphabetical order and with
        // one space of padding.
        var bytes = ByHand(
            """{"c":{"dtype":"BF16","shape":[],"data_offsets":[18,20]},"__metadata__":{"made":"by hand"},"""
                + """ "a":{"dtype":"F32","shape":[2,2],"data_offsets":[0,16]},"b":{"shape":[1],"dtype":"I16","data_offsets":[16,18]}} """,
            "0000803F" + "000000C0" + "0000003F" + "00000000" + "FEFF" + "803F"
        );
        var content = Safetensors.FromBytes(bytes, "fixture");
        Assert.Equal(["a", "b", "c"], content.Tensors.Keys.Order());
        Assert.True(
            content
                .Tensors["a"]
                .Equals(
                    tensor(
                        new[,]
                        {
                            { 1f, -2 },
                            { 0.5f, 0 },
                        }
                    )
                )
        );
        Assert.True(content.Tensors["b"].Equals(tensor(new short[] { -2 })));
        Assert.True(content.Tensors["c"].Equals(tensor(1f).to(bfloat16)));
        Assert.Equal("by hand", Assert.Single(content.Metadata).Value);
    }

    [Fact]
    public void What_is_written_has_exactly_the_bytes_of_the_format()
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>
        {
            ["b"] = tensor(new byte[] { 7 }),
            ["a"] = tensor(new[] { 1f, -2 }),
        };
        var json =
            """{"__metadata__":{"k":"v","z":"é"},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":"""
            + """{"dtype":"U8","shape":[1],"data_offsets":[8,9]}}""";
        var padded = json + new string(' ', (8 - Encoding.UTF8.GetByteCount(json) % 8) % 8);
        var metadata = new Dictionary<string, string> { ["z"] = "é", ["k"] = "v" };
        Assert.Equal(ByHand(padded, "0000803F000000C007"), Safetensors.ToBytes(tensors, metadata));
    }

    [Fact]
    public void Every_dtype_and_shape_comes_back_bit_for_bit_through_a_file()
    {
        using var folder = new TemporaryFolder();
        var path = folder["all.safetensors"];
        Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[0, Dtypes.Length - 1], Gen.Long[0, 5].Array[0, 4])
            .Array[0, 8]
            .Sample(
                cases =>
                {
                    using var scope = NewDisposeScope();
                    var tensors = cases
                        .Select((c, i) => (Name: $"t{i}.\"ü\\", Tensor: Bits(c.Item1, Dtypes[c.Item2], c.Item3)))
                        .ToDictionary(t => t.Name, t => t.Tensor);
                    Safetensors.Write(path, tensors);
                    AssertSame(tensors, Safetensors.Read(path).Tensors);
                    Assert.Equal(File.ReadAllBytes(path), Safetensors.ToBytes(tensors.Reverse().ToDictionary()));
                    foreach (var entry in Safetensors.Describe(path).Entries)
                        Assert.Equal(0, entry.Offset % tensors[entry.Name].element_size());
                },
                iter: 60,
                threads: 1
            );
    }

    [Fact]
    public void Not_a_number_infinities_and_signed_zero_keep_their_bits()
    {
        using var scope = NewDisposeScope();
        var special = tensor(
            new[]
            {
                double.NaN,
                BitConverter.Int64BitsToDouble(0x7ff0000000000001),
                double.NegativeInfinity,
                -0.0,
                double.Epsilon,
            }
        );
        var back = Safetensors
            .FromBytes(Safetensors.ToBytes(new Dictionary<string, Tensor> { ["x"] = special }), "memory")
            .Tensors["x"];
        Assert.Equal(special.bytes.ToArray(), back.bytes.ToArray());
    }

    [Fact]
    public void Strides_views_and_graphs_are_written_as_plain_values()
    {
        using var scope = NewDisposeScope();
        var m = arange(12, float32).reshape(3, 4);
        var tensors = new Dictionary<string, Tensor>
        {
            ["transposed"] = m.t(),
            ["slice"] = m[1, 1..3],
            ["expanded"] = ones(1).expand(4),
            ["parameter"] = ones(3, requires_grad: true) * 2,
        };
        var back = Safetensors.FromBytes(Safetensors.ToBytes(tensors), "memory").Tensors;
        AssertSame(tensors.ToDictionary(t => t.Key, t => t.Value.detach().contiguous()), back);
        Assert.False(back["parameter"].requires_grad);
    }

    [Fact]
    public void A_tensor_longer_than_one_piece_comes_back()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var large = arange((1L << 26) + 12345, ScalarType.Int32).to(ScalarType.Byte); // 64 MiB and a bit, one byte each
        Safetensors.Write(folder["large"], new Dictionary<string, Tensor> { ["x"] = large });
        Assert.True(Safetensors.Read(folder["large"]).Tensors["x"].Equals(large));
    }

    [Fact]
    public void Reading_and_writing_leave_no_tensor_behind_also_when_they_fail()
    {
        using var check = LiveTensors.AssertUnchanged();
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor> { ["a"] = ones(3), ["b"] = tensor(new[] { true, false }) };
        var before = Tensor.TotalCount;
        var bytes = Safetensors.ToBytes(tensors);
        Assert.Equal(before, Tensor.TotalCount);
        Safetensors.FromBytes(bytes, "memory");
        Assert.Equal(before + 2, Tensor.TotalCount);
        bytes[^1] = 2; // no Bool
        var error = Assert.Throws<SafetensorsException>(() => Safetensors.FromBytes(bytes, "memory"));
        Assert.Equal(
            "memory cannot be read as safetensors: \"b\" is BOOL but contains a byte other than 0 and 1.",
            error.Message
        );
        Assert.Equal(before + 2, Tensor.TotalCount);
    }

    [Fact]
    public void A_failed_write_leaves_the_old_file_and_nothing_beside_it()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var path = folder["checkpoint"];
        Safetensors.Write(path, new Dictionary<string, Tensor> { ["x"] = ones(2) });
        var before = File.ReadAllBytes(path);
        // A petabyte: the kernel says that the disk is full before a byte is written; then a fault in the middle of the
        // data.
        Assert.ThrowsAny<IOException>(() => AtomicFile.Write(path, 1L << 50, stream => stream.WriteByte(1)));
        Assert.Throws<IOException>(() =>
            AtomicFile.Write(
                path,
                100,
                stream =>
                {
                    stream.Write(new byte[50]);
                    throw new IOException("disk full");
                }
            )
        );
        var error = Assert.Throws<SafetensorsException>(() =>
            Safetensors.Write(path, new Dictionary<string, Tensor> { ["x"] = ones(2, complex64) })
        );
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains("ComplexFloat32 cannot be stored", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void Paths_that_cannot_be_are_named()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        Assert.Contains(
            "nowhere",
            Assert.Throws<SafetensorsException>(() => Safetensors.Read(folder["nowhere"])).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            folder.Path,
            Assert.Throws<SafetensorsException>(() => Safetensors.Read(folder.Path)).Message,
            StringComparison.Ordinal
        );
        var write = Assert.Throws<SafetensorsException>(() =>
            Safetensors.Write(folder["no/folder"], new Dictionary<string, Tensor>())
        );
        Assert.Contains("no/folder", write.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_and_texts_that_the_format_cannot_carry_are_refused()
    {
        using var scope = NewDisposeScope();
        var half = "\ud800"; // half of a surrogate pair
        foreach (var name in new[] { "__metadata__", half })
            Assert.Throws<SafetensorsException>(() =>
                Safetensors.ToBytes(new Dictionary<string, Tensor> { [name] = ones(1) })
            );
        foreach (var (key, value) in new[] { (half, ""), ("", half) })
            Assert.Throws<SafetensorsException>(() =>
                Safetensors.ToBytes(new Dictionary<string, Tensor>(), new Dictionary<string, string> { [key] = value })
            );
    }

    [Theory]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}""",
        "occurs twice"
    )]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"shape":[4]}}""",
        "unknown or repeated \"shape\""
    )]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"color":1}}""", "unknown or repeated \"color\"")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}""", "3 bytes in total, the data has 4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[5],"data_offsets":[0,5]}}""", "ends at byte 5 of the data, which has 4")]
    [InlineData("""{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}""", "overlap or leave a gap")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
        "overlap or leave a gap"
    )]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""",
        "overlap or leave a gap"
    )]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}""", "data_offsets are 4 to 0")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,4]}}""",
        "F32 [4] but its data_offsets are 0 to 4"
    )]
    [InlineData("""{"a":{"dtype":"F8_E4M3","shape":[4],"data_offsets":[0,4]}}""", "unknown dtype \"F8_E4M3\"")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}""", "whole numbers from 0")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}""", "whole numbers from 0")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,18446744073709551620]}}""", "whole numbers from 0")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}""", "lacks its dtype")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,4]}}""", "at most 2")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[4294967296,4294967296,4],"data_offsets":[0,4]}}""",
        "too many bytes to count"
    )]
    [InlineData(
        """{"a":{"dtype":"F64","shape":[0,9223372036854775807],"data_offsets":[0,0]}}""",
        "too many bytes to count"
    )]
    [InlineData("""{"a":{"dtype":"U8","shape":[4]}}""", "lacks its dtype")]
    [InlineData("""{"a":[0,4]}""", "StartArray instead of a StartObject")]
    [InlineData(
        """{"__metadata__":{"k":1},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""",
        "Number instead of a String"
    )]
    [InlineData(
        """{"__metadata__":{"k":"1","k":"2"},"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""",
        "occurs twice in __metadata__"
    )]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}} x""", "not valid JSON")]
    [InlineData("""{"a":{"dtype":"U8","shape":[[4]],"data_offsets":[0,4]}}""", "whole numbers from 0")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}""", "not valid JSON")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", "not valid UTF-8")]
    [InlineData(
        """{"a\u001b[2J":{"dtype":"U9","shape":[4],"data_offsets":[0,4]}}""",
        "\"a\\u001b[2J\" has the unknown dtype"
    )]
    [InlineData("""[]""", "does not begin with {")]
    [InlineData("", "does not begin with {")]
    public void Every_fault_of_a_header_is_said(string json, string fault)
    {
        var error = Assert.Throws<SafetensorsException>(() =>
            Safetensors.FromBytes(ByHand(json, "00010203"), "x.safetensors")
        );
        Assert.StartsWith("x.safetensors cannot be read as safetensors: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "it has 0 bytes")]
    [InlineData("01000000000000", "it has 7 bytes")]
    [InlineData("0100000000000000", "should have 1 bytes")]
    [InlineData("FFFFFFFFFFFFFFFF7B7D", "should have 18446744073709551615 bytes")]
    [InlineData("00E1F505000000807B7D", "should have")]
    public void A_header_length_that_does_not_fit_the_file_is_said(string hex, string fault)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllBytes(folder["x"], Convert.FromHexString(hex));
        Assert.Contains(
            fault,
            Assert.Throws<SafetensorsException>(() => Safetensors.Read(folder["x"])).Message,
            StringComparison.Ordinal
        );
        Assert.Contains(
            fault,
            Assert.Throws<SafetensorsException>(() => Safetensors.FromBytes(Convert.FromHexString(hex), "x")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_header_above_the_limit_is_refused_even_where_the_file_is_that_long()
    {
        using var folder = new TemporaryFolder();
        using (var sparse = File.Create(folder["sparse"]))
        {
            sparse.Write(BitConverter.GetBytes((long)SafetensorsHeader.MaxBytes + 1));
            sparse.SetLength(1L << 30);
        }
        Assert.Contains(
            "at most 100000000",
            Assert.Throws<SafetensorsException>(() => Safetensors.Read(folder["sparse"])).Message,
            StringComparison.Ordinal
        );
    }

    internal static byte[] ByHand(string json, string hex)
    {
        var header = Encoding.UTF8.GetBytes(json);
        return [.. BitConverter.GetBytes((long)header.Length), .. header, .. Convert.FromHexString(hex)];
    }

    /// <summary>A tensor of random bits (0 and 1 for Bool).</summary>
    internal static Tensor Bits(int seed, ScalarType dtype, long[] shape)
    {
        var made = empty(shape, dtype: dtype);
        if (made.numel() == 0)
            return made;
        var bytes = made.bytes;
        new Random(seed).NextBytes(bytes);
        if (dtype == ScalarType.Bool)
            foreach (ref var value in bytes)
                value &= 1;
        return made;
    }

    internal static void AssertSame(
        IReadOnlyDictionary<string, Tensor> expected,
        IReadOnlyDictionary<string, Tensor> actual
    )
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, tensor) in expected)
        {
            Assert.Equal(tensor.dtype, actual[name].dtype);
            Assert.Equal(tensor.shape, actual[name].shape);
            if (tensor.numel() > 0)
                Assert.Equal(tensor.bytes.ToArray(), actual[name].bytes.ToArray());
        }
    }
}
