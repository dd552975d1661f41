using System.Buffers.Binary;
using System.Text;
using Gyre.Lab.Quantities;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Exports;

/// <summary>
/// Event files read by a second reader, written here from the formats' descriptions: TFRecord, CRC-32C (RFC 3720),
/// protocol buffers' wire format.
/// </summary>
public class TensorBoardTests
{
    private const double Start = 1734337800.25;

    [Fact]
    public void The_checksum_of_this_test_is_the_published_one() => Assert.Equal(0xE3069283, Crc32C("123456789"u8));

    [Fact]
    public void An_event_file_holds_every_scalar_at_its_step_and_moment()
    {
        using var folder = new TemporaryFolder();
        var file = TableTests.Export(ExportFolders.Run(folder["my-run"]).Path, "tensorboard", folder["out"]).Single();
        Assert.Equal(Path.Combine(folder["out"], "my-run"), Path.GetDirectoryName(file));
        Assert.Contains("tfevents", Path.GetFileName(file), StringComparison.Ordinal);
        var events = Records(File.ReadAllBytes(file)).Select(Event).ToArray();
        Assert.Equal("brain.Event:2", events[0].Version);
        Assert.All(events[1..], one => Assert.Null(one.Version));
        // Step 1 was done twice (0.5 s, then 2 s after a resume).
        Assert.Equal([Start + 1, Start + 1, Start + 3.5, Start + 7.5, Start + 7.5], events.Select(one => one.Time));
        Assert.Equal([0L, 0, 1, 2, 2], events.Select(one => one.Step));
        var scalars = events
            .SelectMany(one => one.Scalars.Select(scalar => (one.Step, scalar.Tag, scalar.Value)))
            .ToArray();
        (long, string, float)[] expected =
        [
            (0, "loss/train", 2.3025851f),
            (0, "loss/test", 2.31f),
            (0, "accuracy/train", 0.1f),
            (0, "accuracy/test", 0.11f),
            (0, "training/gradient_norm", 0.33333334f),
            (0, "training/learning_rate", 0.2f),
            (1, "loss/train", 0),
            (1, "accuracy/train", 0.5f),
            (1, "training/learning_rate", 0.1f),
            (2, "loss/test", 1e16f),
            (2, "accuracy/train", 0.25f),
            (2, "accuracy/test", 0.125f),
            (2, "training/learning_rate", 0.05f),
            (2, "curvature/sharpness", 11.5f),
            (2, "curvature/threshold", 10),
            (2, "curvature/sharpness_over_threshold", 1.15f),
            (2, "curvature/lambda_min", -3),
            (2, "rotation/flip", 0.5f),
            (2, "rotation/resolve", 0.125f),
            (2, "curvature/gradient_alignment", 0.8f),
            (2, "curvature/trace", 40.5f),
            (2, "curvature/products", 12),
            (2, "curvature/follow", 0),
            (2, "eigenvalues/0", 11.5f),
            (2, "eigenvalues/1", 9.25f),
        ];
        Assert.Equal(expected, scalars);
    }

    [Fact]
    public void Every_quantity_of_the_catalog_has_its_tag()
    {
        using var folder = new TemporaryFolder();
        var run = SyntheticFolder.Write(folder["run"], SyntheticRun.WithEverything());
        var file = TableTests.Export(run.Path, "tensorboard", folder["out"]).Single();
        var tags = Records(File.ReadAllBytes(file))
            .SelectMany(record => Event(record).Scalars.Select(scalar => scalar.Tag))
            .ToHashSet();
        Assert.Empty(QuantityCatalog.All.Select(quantity => quantity.Tag).Except(tags));
    }

    [Fact]
    public void A_sweep_gives_a_folder_a_cell_and_the_same_bytes_again()
    {
        using var folder = new TemporaryFolder();
        var sweep = ExportFolders.Sweep(folder["sweep"], [0.7, 0.8]).Path;
        var files = TableTests.Export(sweep, "tensorboard", folder["out"]);
        Assert.Equal(
            ["cell-0.125-0", "cell-0.125-1"],
            files.Select(file => Path.GetFileName(Path.GetDirectoryName(file)))
        );
        var before = files.Select(File.ReadAllBytes).ToArray();
        Assert.Equal(before, TableTests.Export(sweep, "tensorboard", folder["out"]).Select(File.ReadAllBytes));
    }

    private static IEnumerable<byte[]> Records(byte[] file)
    {
        for (var at = 0; at < file.Length; )
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            var data = file[(at + 12)..(at + 12 + length)];
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            yield return data;
            at += length + 16;
        }
    }

    private static uint Masked(ReadOnlySpan<byte> bytes) =>
        Crc32C(bytes) is var crc ? unchecked(((crc >> 15) | (crc << 17)) + 0xa282ead8u) : 0;

    /// <summary>Bit by bit, the polynomial of RFC 3720 reflected.</summary>
    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = 0xFFFFFFFF;
        foreach (var one in bytes)
        {
            crc ^= one;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) == 1 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }
        return ~crc;
    }

    /// <summary>Event: 1 wall_time (double), 2 step (int64), 3 file_version (string), 5 summary.</summary>
    private static (double Time, long Step, string? Version, IReadOnlyList<(string Tag, float Value)> Scalars) Event(
        byte[] message
    )
    {
        var fields = Fields(message).ToLookup(field => field.Number, field => field.Value);
        return (
            BitConverter.UInt64BitsToDouble((ulong)fields[1].Single()),
            (long)(ulong)fields[2].SingleOrDefault(0UL),
            fields[3].SingleOrDefault() is byte[] version ? Encoding.UTF8.GetString(version) : null,
            [.. fields[5].SelectMany(summary => Fields((byte[])summary)).Select(value => Scalar((byte[])value.Value))]
        );
    }

    /// <summary>Summary.Value: 1 tag, 2 simple_value (float); a value of 0 may be there or not.</summary>
    private static (string Tag, float Value) Scalar(byte[] message)
    {
        var fields = Fields(message).ToLookup(field => field.Number, field => field.Value);
        return (
            Encoding.UTF8.GetString((byte[])fields[1].Single()),
            BitConverter.UInt32BitsToSingle((uint)fields[2].SingleOrDefault(0U))
        );
    }

    private static IEnumerable<(int Number, object Value)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length; )
        {
            var key = Varint(message, ref at);
            object value;
            switch (key & 7)
            {
                case 0:
                    value = Varint(message, ref at);
                    break;
                case 1:
                    value = BinaryPrimitives.ReadUInt64LittleEndian(message.AsSpan(at));
                    at += 8;
                    break;
                case 5:
                    value = BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(at));
                    at += 4;
                    break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    value = message[at..(at + length)];
                    at += length;
                    break;
                default:
                    throw new InvalidDataException($"wire type {key & 7}");
            }
            yield return ((int)(key >> 3), value);
        }
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var (value, shift) = (0UL, 0);
        for (; (message[at] & 0x80) != 0; at++, shift += 7)
            value |= (ulong)(message[at] & 0x7F) << shift;
        return value | ((ulong)message[at++] << shift);
    }
}
