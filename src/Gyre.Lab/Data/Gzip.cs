using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.IO.Compression;
using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.Checksum;
using ICSharpCode.SharpZipLib.GZip;

namespace Gyre.Lab.Data;

/// <summary>Reads gzip files of one or several members and verifies their checksums.</summary>
internal static class Gzip
{
    private const int TrailerBytes = 8;
    private const int MostFill = 1 << 16; // bytes; blocks of a tape have 10 kB as a rule

    /// <summary>The end of an empty member: no data, with checksum and length 0.</summary>
    private static readonly byte[] EmptyEnd = [3, 0, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Returns whether a stream begins like gzip; its position is then the start again.</summary>
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
    /// Decompresses a stream. The runtime's reader is fast but does not detect a truncated file, so the checksum and
    /// length at the end of the file are compared here. If they do not match the whole, the file has several members
    /// or is damaged, and is read again by a reader that checks each member.
    /// </summary>
    /// <param name="stream">The compressed bytes, seekable.</param>
    /// <param name="read">Reads the decompressed bytes to their end; it is called again for files of several members.
    /// </param>
    /// <exception cref="InvalidDataException">A checksum does not match, the stream ends early, or other bytes follow
    /// it. </exception>
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
                    "bytes that are not gzip follow its end. Remove them, or compress the file again."
                );
            return whole;
        }
        catch (Exception error)
            when (error is SharpZipBaseException or EndOfStreamException or IndexOutOfRangeException)
        {
            throw new InvalidDataException(
                $"its gzip stream has an invalid end ({error.Message.TrimEnd('.')}).",
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

    /// <summary>
    /// Returns whether a file ends with the last member's checksum and length, with zeros after them (padding on
    /// tapes), or with an empty member.
    /// </summary>
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

    /// <summary>A stream of members that remembers the checksum of the last nonempty one.</summary>
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

    /// <summary>A stream that computes the checksum of the bytes read from it.</summary>
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
