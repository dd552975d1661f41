using System.Buffers.Binary;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch;

/// <summary>
/// Whatever happens to a file, reading it ends with tensors that lie inside of it or with an exception that names it.
/// </summary>
public class SafetensorsCorruptionTests
{
    private const int Cases = 10_000;
    private const string Json = "{}[]:,\"0123456789-eE. aFIBU\\\0";

    [Fact]
    public void Ten_thousand_random_corruptions_are_read_whole_or_refused()
    {
        using var check = LiveTensors.AssertUnchanged();
        var sound = SoundFile();
        var random = new Random(20241217);
        int refused = 0,
            read = 0;
        long most = 0;
        for (var i = 0; i < Cases; i++)
        {
            var damaged = Damage(random, sound);
            var before = GC.GetAllocatedBytesForCurrentThread();
            if (TryRead(damaged))
                read++;
            else
                refused++;
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        // Bits flipped inside of numbers cannot be noticed (the format has no checksum); everything else must be.
        Assert.Equal(Cases, read + refused);
        Assert.InRange(refused, Cases / 2, Cases - 1);
        Assert.InRange(read, 1, Cases / 2);
        Assert.InRange(most, 0, 200_000); // managed bytes for a header of 800: no length in a file is ever believed
    }

    [Fact]
    public void Corrupt_files_on_disk_are_refused_with_their_name()
    {
        using var check = LiveTensors.AssertUnchanged();
        using var folder = new TemporaryFolder();
        var path = folder["damaged.safetensors"];
        var sound = SoundFile();
        var random = new Random(7);
        var refused = 0;
        for (var i = 0; i < 500; i++)
        {
            var damaged = Damage(random, sound);
            File.WriteAllBytes(path, damaged);
            using var scope = NewDisposeScope();
            try
            {
                Safetensors.Read(path);
                Assert.True(TryRead(damaged));
            }
            catch (SafetensorsException error)
            {
                refused++;
                Assert.Contains(path, error.Message, StringComparison.Ordinal);
                Assert.False(TryRead(damaged));
            }
        }
        Assert.InRange(refused, 250, 499);
    }

    [Fact]
    public void Every_truncation_is_refused()
    {
        var sound = SoundFile();
        Assert.True(TryRead(sound));
        for (var length = 0; length < sound.Length; length++)
            Assert.False(TryRead(sound[..length]), $"{length} of {sound.Length} bytes");
    }

    private static bool TryRead(byte[] bytes)
    {
        using var scope = NewDisposeScope();
        try
        {
            var content = Safetensors.FromBytes(bytes, "damaged");
            Assert.InRange(content.Tensors.Values.Sum(t => t.numel() * t.element_size()), 0, bytes.Length - 8);
            return true;
        }
        catch (SafetensorsException error)
        {
            Assert.StartsWith("damaged cannot be read as safetensors: ", error.Message, StringComparison.Ordinal);
            return false;
        }
    }

    private static byte[] SoundFile()
    {
        using var scope = NewDisposeScope();
        ScalarType[] dtypes =
        [
            ScalarType.Float64,
            ScalarType.Float32,
            ScalarType.BFloat16,
            ScalarType.Int64,
            ScalarType.Byte,
            ScalarType.Bool,
        ];
        long[][] shapes =
        [
            [3, 4],
            [],
            [0, 2],
            [5],
            [2, 2, 2],
            [9],
        ];
        var tensors = dtypes
            .Zip(shapes)
            .Select((t, i) => (Name: $"layer.{i}", Tensor: SafetensorsTests.Bits(i, t.First, t.Second)));
        return Safetensors.ToBytes(
            tensors.ToDictionary(t => t.Name, t => t.Tensor),
            new Dictionary<string, string> { ["format"] = "1" }
        );
    }

    /// <summary>One to four injuries, most of them in the header, where they can do harm.</summary>
    private static byte[] Damage(Random random, byte[] sound)
    {
        var bytes = sound.ToArray();
        for (var injuries = random.Next(1, 5); injuries > 0 && bytes.Length > 0; injuries--)
        {
            var header = Math.Min(bytes.Length, 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(sound));
            var at = random.Next(random.Next(4) > 0 ? header : bytes.Length);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)Json[random.Next(Json.Length)];
                    break;
                case 2:
                    bytes = bytes[..random.Next(bytes.Length)];
                    break;
                case 3:
                    bytes = [.. bytes[..at], .. bytes[random.Next(bytes.Length)..]];
                    break;
                case 4 when bytes.Length >= 8:
                    BinaryPrimitives.WriteInt64LittleEndian(bytes, Length(random, bytes.Length));
                    break;
                case 5:
                    bytes = [.. bytes, .. bytes[at..]];
                    break;
                default:
                    bytes = [.. bytes[..at], (byte)Json[random.Next(Json.Length)], .. bytes[at..]];
                    break;
            }
        }
        return bytes;
    }

    private static long Length(Random random, int total) =>
        random.Next(4) switch
        {
            0 => random.Next(total + 16),
            1 => random.NextInt64(),
            2 => -random.NextInt64(),
            _ => 1L << random.Next(63),
        };
}
