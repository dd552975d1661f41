using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;
using Tensorboard;

namespace Gyre.Lab.Exports;

/// <summary>
/// Writes a TensorBoard event file: TFRecords (length, masked CRC-32C of the length, data, masked CRC-32C of the
/// data) of Event messages. The messages are TorchSharp's. Its SummaryWriter is not used, since it names files by
/// time, host and process, reopens the file for every number, and stores a time in a float.
/// </summary>
internal sealed class EventFile
{
    /// <summary>The version string at the start of TensorBoard's own files.</summary>
    private const string Version = "brain.Event:2";

    private readonly Stream _stream;

    /// <summary>Starts the file with its version.</summary>
    /// <param name="stream">The output stream; it stays open.</param>
    /// <param name="time">Seconds since 1970.</param>
    public EventFile(Stream stream, double time)
    {
        _stream = stream;
        Write(new Event { WallTime = time, FileVersion = Version });
    }

    /// <summary>Adds the scalars of a step. Numbers that are not finite as floats are left out.</summary>
    public void Add(double time, long step, IEnumerable<(string Tag, double? Value)> scalars)
    {
        var summary = new Summary();
        foreach (var (tag, value) in scalars)
        {
            if (value is { } number && float.IsFinite((float)number))
                summary.Value.Add(new Summary.Types.Value { Tag = tag, SimpleValue = (float)number });
        }
        if (summary.Value.Count > 0)
            Write(
                new Event
                {
                    WallTime = time,
                    Step = step,
                    Summary = summary,
                }
            );
    }

    private void Write(Event message)
    {
        var data = message.ToByteArray();
        var record = new byte[data.Length + 16];
        BinaryPrimitives.WriteInt64LittleEndian(record, data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(8), Masked(record.AsSpan(0, 8)));
        data.CopyTo(record, 12);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(12 + data.Length), Masked(data));
        _stream.Write(record);
    }

    /// <summary>
    /// Computes the CRC-32C in the form that TFRecords store: rotated right by 15 bits, plus a constant, so that the
    /// checksum of data that itself contains checksums is not degenerate.
    /// </summary>
    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var one in bytes)
            crc = BitOperations.Crc32C(crc, one);
        return BitOperations.RotateRight(~crc, 15) + 0xA282EAD8;
    }
}
