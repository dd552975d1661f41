using System.Buffers.Binary;
using CsCheck;

namespace Gyre.Tests.Fuzz;

/// <summary>One change of some bytes.</summary>
/// <param name="Kind">Which.</param>
/// <param name="At">Where, modulo the length.</param>
/// <param name="Length">Of what is cut, doubled or overwritten.</param>
/// <param name="Value">What is written.</param>
internal sealed record Mutation(int Kind, int At, int Length, ulong Value)
{
    /// <summary>Numbers at which sizes and offsets go wrong.</summary>
    private static readonly ulong[] Edges =
    [
        0,
        1,
        0x7f,
        0x80,
        0xff,
        0x7fff,
        0xffff,
        0x7fff_ffff,
        0x8000_0000,
        0xffff_ffff,
        long.MaxValue,
        ulong.MaxValue,
    ];

    /// <summary>One to four changes.</summary>
    public static Gen<Mutation[]> Several { get; } =
        Gen.Select(Gen.Int[0, 6], Gen.Int[0, 1 << 20], Gen.Int[1, 40], Gen.ULong)
            .Select(change => new Mutation(change.Item1, change.Item2, change.Item3, change.Item4))
            .Array[1, 4];

    /// <summary>The bytes after every change, one after the other.</summary>
    public static byte[] Apply(byte[] bytes, Mutation[] changes) =>
        changes.Aggregate(bytes, (changed, change) => change.Mutate(changed));

    private byte[] Mutate(byte[] bytes)
    {
        if (bytes.Length == 0)
            return [(byte)Value];
        var at = At % bytes.Length;
        var end = Math.Min(at + Length, bytes.Length);
        return Kind switch
        {
            0 => bytes[..at],
            1 => [.. bytes[..at], .. bytes[end..]],
            2 => [.. bytes[..end], .. bytes[at..]],
            3 => Written(bytes, at, [(byte)(bytes[at] ^ (1 << (int)(Value % 8)))]),
            4 => Written(bytes, at, [(byte)Value]),
            5 => Written(bytes, at, Number(Edges[Value % (ulong)Edges.Length])),
            _ => [.. bytes[..at], .. BitConverter.GetBytes(Value)[..(int)(1 + Value % 8)], .. bytes[at..]],
        };
    }

    /// <summary>Of two, four or eight bytes, in either order.</summary>
    private byte[] Number(ulong value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        var number = bytes[..(2 << (Length % 3))];
        if (Length % 2 == 0)
            Array.Reverse(number);
        return number;
    }

    private static byte[] Written(byte[] bytes, int at, byte[] what)
    {
        byte[] changed = [.. bytes];
        what.AsSpan(0, Math.Min(what.Length, bytes.Length - at)).CopyTo(changed.AsSpan(at));
        return changed;
    }
}
