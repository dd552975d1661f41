using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.Checksum;
using ICSharpCode.SharpZipLib.GZip;

namespace Gyre.Lab.Data;

/// <summary>Files packed by gzip, one or several joined, held to their checksums.</summary>
internal static class Gzip
{
    private const int TrailerBytes = 8;
    private const int MostFill = 1 << 16; // bytes; blocks of a tape have 10 kB as a rule

    /// <summary>How an empty part ends: no data, whose sum and length are 0.</summary>
    private static readonly byte[] EmptyEnd = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Whether a stream begins as gzip does; it stands at its start afterwards.</summary>
    public static bool IsAt(Stream stream)
    {
        if (!stream.CanSeek)
            throw new ArgumentException("The stream must be seekable.", nameof(stream));
        Span<byte> magic = stackalloc byte[2];
        var packed =
            stream.ReadAtLeast(magic, 2, throwOnEndOfStream: false) == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
        stream.Position = 0;
        return packed;
    }

    /// <summary>
    /// Reads what is packed. The runtime's reader is fast and says nothing of a file that ends early, so that the
    /// checksum and length at the file's end are compared here.
    /// Where they do not fit the whole, the file is of several parts or damaged: it is read again by a reader that
    /// checks each part.
    /// </summary>
    /// <param name="stream">The packed bytes, seekable.</param>
    /// <param name="read">Reads the unpacked bytes to their end; it is called again for files of several parts.</param>
    /// <exception cref="InvalidDataException">A checksum does not fit, the stream ends early, or other bytes follow
    /// it.</exception>
    public static T Read<T>(Stream stream, Func<Stream, T> read)
    {
        if (TryRead(stream, read, out var result))
            return result;
        stream.Position = 0;
        try
        {
            using var parts = new Parts(stream) { IsStreamOwner = false };
            var whole = read(parts);
            if (!IsEnd(stream, parts.Sum))
                throw new InvalidDataException(
                    "bytes that are no gzip stream follow its end. Remove them, or pack the file anew."
                );
            return whole;
        }
        catch (Exception error)
            when (error is SharpZipBaseException or EndOfStreamException or IndexOutOfRangeException)
        {
            throw new InvalidDataException(
                $"its gzip stream does not end as it should ({error.Message.TrimEnd('.')}).",
                error
            );
        }
    }

    private static bool TryRead<T>(Stream stream, Func<Stream, T> read, [MaybeNullWhen(false)] out T result)
    {
        using var plain = new SummedStream(new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true));
        try
        {
            result = read(plain);
            return Trailer(stream) == (plain.Sum, plain.Length);
        }
        catch (InvalidDataException)
        {
            result = default; // the other reader says what is damaged
            return false;
        }
    }

    private static (uint Sum, long Length) Trailer(Stream stream)
    {
        Span<byte> trailer = stackalloc byte[TrailerBytes];
        stream.Seek(-TrailerBytes, SeekOrigin.End);
        stream.ReadExactly(trailer);
        return (
            BinaryPrimitives.ReadUInt32LittleEndian(trailer),
            BinaryPrimitives.ReadUInt32LittleEndian(trailer[4..])
        );
    }

    /// <summary>Whether a file ends with the last part's sum and length, or with zeros after them (tapes are filled up
    /// so), or with an
    /// empty part.</summary>
    private static bool IsEnd(Stream stream, uint sum)
    {
        var tail = new byte[EmptyEnd.Length];
        stream.Seek(-tail.Length, SeekOrigin.End);
        stream.ReadExactly(tail);
        if (tail.AsSpan().SequenceEqual(EmptyEnd))
            return true;
        var zeros = stream.Length;
        var least = Math.Max(TrailerBytes, zeros - MostFill);
        for (stream.Position = zeros - 1; zeros > least && stream.ReadByte() == 0; stream.Position = zeros - 1)
            zeros--;
        for (var end = zeros; end <= Math.Min(zeros + TrailerBytes, stream.Length); end++)
        {
            stream.Position = end - TrailerBytes;
            stream.ReadExactly(tail.AsSpan(0, TrailerBytes));
            if (BinaryPrimitives.ReadUInt32LittleEndian(tail) == sum)
                return true;
        }
        return false;
    }

    /// <summary>A stream of parts that keeps the sum of the last that was not empty.</summary>
    private sealed class Parts(Stream packed) : GZipInputStream(packed)
    {
        public uint Sum { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = base.Read(buffer, offset, count);
            Sum = read > 0 ? (uint)crc.Value : Sum;
            return read;
        }
    }

    /// <summary>A stream that sums what is read from it.</summary>
    private sealed class SummedStream(Stream inner) : Stream
    {
        private readonly Crc32 _sum = new();
        private long _length;

        public uint Sum => (uint)_sum.Value;

        /// <summary>Bytes read, as gzip counts them: modulo 2³².</summary>
        public override long Length => _length & uint.MaxValue;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Position
        {
            get => _length;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = inner.Read(buffer, offset, count);
            _sum.Update(new ArraySegment<byte>(buffer, offset, read));
            _length += read;
            return read;
        }

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                inner.Dispose();
            base.Dispose(disposing);
        }
    }
}
