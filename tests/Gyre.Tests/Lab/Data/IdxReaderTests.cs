using System.Buffers.Binary;
using System.IO.Compression;
using CsCheck;
using Gyre.Lab.Data;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Data;

public sealed class IdxReaderTests : IDisposable
{
    private const int Classes = 10;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Plain_and_gzip_files_give_the_bytes_that_were_written(bool zipped)
    {
        byte[] pixels = [.. Enumerable.Range(0, 3 * 2 * 4).Select(i => (byte)(7 * i))];
        var read = IdxReader.ReadPair(
            Write("images", Zip(Idx([3, 2, 4], pixels), zipped)),
            Write("labels", Zip(Idx([3], [9, 0, 4]), zipped)),
            Classes
        );

        Assert.Equal(pixels, read.Pixels.ToArray());
        Assert.Equal([2, 4], read.SampleShape);
        Assert.Equal([9, 0, 4], read.Labels);
        Assert.Equal(3, read.Count);
    }

    [Fact]
    public void Gzip_is_known_by_its_first_bytes_whatever_the_name()
    {
        var read = IdxReader.ReadPair(
            Write("images.raw", Zip(Idx([1, 1, 1], [5]), true)),
            Write("labels.gz", Idx([1], [3])),
            Classes
        );

        Assert.Equal(5, Assert.Single(read.Pixels.ToArray()));
        Assert.Equal(3, Assert.Single(read.Labels));
    }

    public static TheoryData<string, byte[], byte[], string> Faults =>
        new()
        {
            { "wrong magic", With(Images(), 0, 1), Labels(), "is not an IDX file" },
            { "floats", With(Images(), 2, 0x0d), Labels(), "contains floats (type 13)" },
            { "no dimension", With(Images(), 3, 0), Labels(), "0 dimensions" },
            { "too many dimensions", With(Images(), 3, 5), Labels(), "5 dimensions" },
            { "empty file", [], Labels(), "truncated" },
            { "half a header", Images()[..9], Labels(), "truncated" },
            { "a byte short", Images()[..^1], Labels(), "truncated: 7 of 8 bytes" },
            { "a byte long", [.. Images(), 0], Labels(), "longer than its header says (8 bytes)" },
            { "a dimension of zero", Idx([2, 0, 2], []), Labels(), "is empty: its sizes are 2 × 0 × 2" },
            {
                "a size beyond any file",
                Idx([-1, -1, -1], []),
                Labels(),
                "4294967295 × 4294967295 × 4294967295 numbers"
            },
            {
                "a product beyond 64 bits",
                Idx([65536, 65536, 65536, 65536], []),
                Labels(),
                "65536 × 65536 × 65536 × 65536 numbers"
            },
            { "one label too few", Images(), Idx([1], [0]), "has 2 images" },
            {
                "a label out of range",
                Images(),
                Idx([2], [1, 10]),
                "label 10 of sample 1 is out of range; with 10 classes labels are 0 to 9"
            },
            { "exchanged files", Labels(), Images(), "swapped" },
            { "labels for images", Labels(), Labels(), "swapped" },
            { "gzip cut off", Zip(Images(), true)[..^9], Labels(), "truncated" },
            {
                "gzip of garbage",
                [0x1f, 0x8b, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12],
                Labels(),
                "truncated or damaged"
            },
        };

    [Theory]
    [MemberData(nameof(Faults))]
    public void Each_fault_is_named_with_its_file(string fault, byte[] images, byte[] labels, string says)
    {
        var (imagesPath, labelsPath) = (Write("some-images", images), Write("some-labels", labels));

        var error = Assert.Throws<DataException>(() => IdxReader.ReadPair(imagesPath, labelsPath, Classes));

        Assert.True(error.Message.Contains(says, StringComparison.Ordinal), $"{fault}: {error.Message}");
        Assert.Contains(_folder.Path, error.Message);
    }

    /// <summary>Types 9, 11 and 12 are signed, of one, two and four bytes, the highest first.</summary>
    [Theory]
    [InlineData(9, new byte[] { 7, 0 })]
    [InlineData(11, new byte[] { 0, 7, 0, 0 })]
    [InlineData(12, new byte[] { 0, 0, 0, 7, 0, 0, 0, 0 })]
    public void Labels_of_every_type_of_whole_numbers_are_read(byte type, byte[] labels) =>
        Assert.Equal(
            [7, 0],
            IdxReader
                .ReadPair(Write("images", Images()), Write("labels", With(Idx([2], labels), 2, type)), Classes)
                .Labels
        );

    [Fact]
    public void Numbers_that_are_no_bytes_are_named_by_place()
    {
        var error = Assert.Throws<DataException>(() =>
            IdxReader.ReadPair(Write("images", Images()), Write("labels", With(Idx([2], [0, 7, 1, 0]), 2, 11)), Classes)
        );
        Assert.Contains("has the value 256 as its number 1", error.Message);
    }

    [Fact]
    public void Joined_gzip_files_are_read_as_zcat_reads_them()
    {
        byte[] joined = [.. Zip(Images()[..20], true), .. Zip(Images()[20..], true)];
        Assert.Equal(
            Images()[16..],
            IdxReader.ReadPair(Write("images", joined), Write("labels", Labels()), Classes).Pixels.ToArray()
        );
        joined[^5] ^= 1;
        Assert.Throws<DataException>(() =>
            IdxReader.ReadPair(Write("images", joined), Write("labels", Labels()), Classes)
        );
    }

    /// <summary>What gunzip warns of and leaves out. Zeros, which fill up tapes, and empty parts are no data.</summary>
    [Fact]
    public void Bytes_after_the_end_of_a_gzip_file_are_not_left_out_in_silence()
    {
        var labels = Write("labels", Labels());
        byte[][] wholes = [Zip(Images(), true), [.. Zip(Images()[..20], true), .. Zip(Images()[20..], true)]];
        foreach (var whole in wholes)
        {
            foreach (
                var more in (byte[][])
                    [
                        [7],
                        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
                        [0x1f, 0x8b],
                        [0x1f, 0x8b, 8, 0],
                        [7, .. new byte[40]],
                    ]
            )
            {
                var path = Write("images", [.. whole, .. more]);
                var error = Assert.Throws<DataException>(() => IdxReader.ReadPair(path, labels, Classes));
                Assert.Contains("gzip", error.Message, StringComparison.Ordinal);
            }
            foreach (var nothing in (byte[][])[new byte[512], Zip([], true)])
                Assert.Equal(
                    Images()[16..],
                    IdxReader.ReadPair(Write("images", [.. whole, .. nothing]), labels, Classes).Pixels.ToArray()
                );
        }
    }

    /// <summary>
    /// Bytes cut out of the middle, with the end whole: the unpacked length is right, and the checksum is never reached
    /// by a reader that stops there.
    /// </summary>
    [Fact]
    public void A_gzip_file_with_a_piece_cut_out_is_never_taken_for_other_data()
    {
        byte[] pixels = [.. Enumerable.Range(0, 200).Select(i => (byte)(i * i * 31 >> 3))];
        var (whole, labels) = (Zip(Idx([2, 10, 10], pixels), true), Write("labels", Labels()));
        for (var length = 1; length <= 16; length++)
        {
            for (var at = 10; at + length < whole.Length - 8; at++)
            {
                var path = Write("images", [.. whole[..at], .. whole[(at + length)..]]);
                Assert.Throws<DataException>(() => IdxReader.ReadPair(path, labels, Classes));
            }
        }
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = Assert.Throws<DataException>(() =>
            IdxReader.ReadPair(_folder["nothing"], Write("labels", Labels()), Classes)
        );

        Assert.Contains(_folder["nothing"], error.Message);
    }

    [Fact]
    public void A_header_that_promises_gigabytes_allocates_only_what_the_file_holds()
    {
        var (images, labels) = (Write("images", Idx([2000, 1000, 1000], [1, 2, 3])), Write("labels", Labels()));
        var before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<DataException>(() => IdxReader.ReadPair(images, labels, Classes));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 8 << 20);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_damage_ends_in_data_or_in_a_DataException_and_never_in_much_memory(bool zipped)
    {
        var (images, labels) = (Zip(Images(), zipped), Write("labels", Labels()));
        var path = _folder["images"];
        var damage = Gen.Select(
            Gen.Int[0, images.Length],
            Gen.Select(Gen.Int[0, images.Length - 1], Gen.Byte).Array[0, 6]
        );

        damage.Sample(
            cut =>
            {
                File.WriteAllBytes(path, Damaged(images, cut.Item1, cut.Item2));
                var before = GC.GetAllocatedBytesForCurrentThread();
                try
                {
                    var read = IdxReader.ReadPair(path, labels, Classes);
                    Assert.Equal(read.Count * read.SampleSize, read.Pixels.ToArray().Length);
                }
                catch (DataException error)
                {
                    Assert.Contains(path, error.Message);
                }
                return GC.GetAllocatedBytesForCurrentThread() - before < 8 << 20;
            },
            iter: 3000,
            threads: 1
        );
    }

    [Fact]
    public void A_gzip_file_short_of_any_number_of_bytes_or_with_any_flipped_bit_is_never_taken_for_other_data()
    {
        var (whole, labels, path) = (Zip(Images(), true), Write("labels", Labels()), _folder["images"]);
        var expected = IdxReader.ReadPair(Write("images", whole), labels, Classes).Pixels.ToArray();

        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<DataException>(() => IdxReader.ReadPair(path, labels, Classes));
        }
        for (var bit = 0; bit < 8 * whole.Length; bit++)
        {
            byte[] flipped = [.. whole];
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(path, flipped);
            if (
                Record.Exception(() =>
                    Assert.Equal(expected, IdxReader.ReadPair(path, labels, Classes).Pixels.ToArray())
                ) is
                { } error
            )
                Assert.IsType<DataException>(error);
        }
    }

    [Fact]
    public void A_folder_is_read_whether_its_files_are_zipped_or_not()
    {
        Fill(zipTest: true);

        var data = IdxFolder.Read("idx", _folder.Path);

        Assert.Equal((2, 2), (data.Train.Count, data.Test!.Count));
        Assert.Contains(_folder.Path, data.Attribution);
    }

    [Fact]
    public void Every_missing_file_of_a_folder_is_named_at_once()
    {
        Fill(zipTest: false);
        File.Delete(_folder["train-images-idx3-ubyte"]);
        File.Delete(_folder["t10k-labels-idx1-ubyte"]);

        var error = Assert.Throws<DataException>(() => IdxFolder.Read("idx", _folder.Path));

        Assert.Contains("train-images-idx3-ubyte, t10k-labels-idx1-ubyte", error.Message);
    }

    [Fact]
    public void A_folder_without_test_files_has_no_test_set_and_says_so()
    {
        Fill(zipTest: false);
        File.Delete(_folder["t10k-images-idx3-ubyte"]);
        File.Delete(_folder["t10k-labels-idx1-ubyte"]);

        var data = IdxFolder.Read("idx", _folder.Path);

        Assert.Null(data.Test);
        Assert.Contains("no test set: t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte", Assert.Single(data.Remarks));
    }

    [Fact]
    public void A_dot_before_idx_will_do_and_a_second_file_of_one_name_is_told()
    {
        Fill(zipTest: false);
        File.Move(_folder["train-images-idx3-ubyte"], _folder["train-images.idx3-ubyte"]);
        Write("train-labels.idx1-ubyte.gz", Zip(Labels(), true));

        var data = IdxFolder.Read("idx", _folder.Path);

        Assert.Equal(2, data.Train.Count);
        Assert.Contains("not read: \"train-labels.idx1-ubyte.gz\"", Assert.Single(data.Remarks));
    }

    [Fact]
    public void A_folder_whose_parts_do_not_belong_together_is_refused()
    {
        Fill(zipTest: false);
        Write("t10k-images-idx3-ubyte", Idx([2, 1, 4], [1, 2, 3, 4, 5, 6, 7, 8]));

        Assert.Contains(
            "Training images are 2×2, test images 1×4",
            Assert.Throws<DataException>(() => IdxFolder.Read("idx", _folder.Path)).Message
        );
    }

    [Theory]
    [InlineData("")]
    [InlineData("no/such/folder")]
    public void A_folder_that_is_not_there_is_refused_by_name_of_the_key(string path) =>
        Assert.Contains(
            "data.path",
            Assert.Throws<DataException>(() => DataCatalog.Get("idx").Read(new DataRequest(path))).Message
        );

    private static byte[] Images() => Idx([2, 2, 2], [10, 20, 30, 40, 50, 60, 70, 80]);

    private static byte[] Labels() => Idx([2], [4, 7]);

    private static byte[] Idx(int[] shape, byte[] bytes)
    {
        var header = new byte[4 + 4 * shape.Length];
        (header[2], header[3]) = (8, (byte)shape.Length);
        for (var i = 0; i < shape.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * i), shape[i]);
        return [.. header, .. bytes];
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        bytes[at] = value;
        return bytes;
    }

    private static byte[] Damaged(byte[] bytes, int length, (int At, byte Value)[] flips)
    {
        var damaged = bytes[..length];
        foreach (var (at, value) in flips.Where(flip => flip.At < length))
            damaged[at] = value;
        return damaged;
    }

    private static byte[] Zip(byte[] bytes, bool zipped)
    {
        if (!zipped)
            return bytes;
        using var stream = new MemoryStream();
        using (var gzip = new GZipStream(stream, CompressionLevel.SmallestSize))
            gzip.Write(bytes);
        return stream.ToArray();
    }

    private void Fill(bool zipTest)
    {
        Write("train-images-idx3-ubyte", Images());
        Write("train-labels-idx1-ubyte", Labels());
        Write("t10k-images-idx3-ubyte" + (zipTest ? ".gz" : ""), Zip(Images(), zipTest));
        Write("t10k-labels-idx1-ubyte" + (zipTest ? ".gz" : ""), Zip(Labels(), zipTest));
    }

    private string Write(string name, byte[] bytes)
    {
        File.WriteAllBytes(_folder[name], bytes);
        return _folder[name];
    }
}
