using System.Buffers.Binary;
using System.Text;

namespace Gyre.Torch;

/// <summary>One row of a dynamic symbol table.</summary>
/// <param name="Name">The mangled name.</param>
/// <param name="IsDefined">Whether the file defines and exports the symbol, rather than requiring it.</param>
/// <param name="IsWeak">Whether a missing definition is allowed.</param>
/// <param name="Version">The index of its version; 0 and 1 mean that it has no version.</param>
internal readonly record struct ElfSymbol(string Name, bool IsDefined, bool IsWeak, ushort Version);

/// <summary>
/// Reads the tables of a 64-bit little-endian ELF library that list the symbols it defines and requires. Only these
/// tables are read, because libtorch's largest file has half a gigabyte. Source: System V ABI, chapters "Object
/// Files" and "Dynamic Linking"; "Symbol Versioning" of the LSB.
/// </summary>
internal sealed class ElfFile
{
    private const int SectionSize = 64;
    private const int SymbolSize = 24;
    private const int TableLimit = 1 << 30;

    private readonly Func<long, int, byte[]> _read;
    private readonly Section[] _sections;

    private ElfFile(Func<long, int, byte[]> read)
    {
        _read = read;
        var header = read(0, 64);
        if (!header.AsSpan(0, 6).SequenceEqual("\u007fELF\u0002\u0001"u8))
            throw new InvalidDataException("not a 64-bit little-endian ELF file");
        var size = U16(header, 0x3a);
        var count = U16(header, 0x3c);
        if (size != SectionSize || count == 0)
            throw new InvalidDataException("it has no section table of the known kind");
        var table = read(checked((long)U64(header, 0x28)), count * SectionSize);
        _sections = [.. Enumerable.Range(0, count).Select(i => Section.At(table.AsSpan(i * SectionSize)))];
    }

    /// <summary>Opens a file for <paramref name="use"/>, which reads from it only the tables that it needs.</summary>
    /// <exception cref="InvalidDataException">The file is not such a library, or is truncated; the message names the
    /// file.</exception>
    public static T Using<T>(string path, Func<ElfFile, T> use)
    {
        using var handle = File.OpenHandle(path);
        var length = RandomAccess.GetLength(handle);
        return Checked(
            path,
            () =>
                use(
                    new ElfFile(
                        (offset, count) =>
                        {
                            if (offset < 0 || count is < 0 or > TableLimit || offset > length - count)
                                throw new InvalidDataException("a table is outside the file");
                            var bytes = new byte[count];
                            for (int done = 0, got; done < count; done += got)
                            {
                                got = RandomAccess.Read(handle, bytes.AsSpan(done), offset + done);
                                if (got == 0)
                                    throw new InvalidDataException("the file ends too early");
                            }
                            return bytes;
                        }
                    )
                )
        );
    }

    /// <summary>Does the same for a file that is already in memory.</summary>
    /// <exception cref="InvalidDataException">The image is not such a library, or is truncated.</exception>
    public static T Using<T>(byte[] image, string name, Func<ElfFile, T> use) =>
        Checked(name, () => use(new ElfFile((offset, count) => image.AsSpan(checked((int)offset), count).ToArray())));

    /// <summary>Returns the names of the libraries that it requires (DT_NEEDED).</summary>
    public IReadOnlyList<string> Needed()
    {
        var needed = new List<string>();
        foreach (var section in _sections.Where(s => s.Kind == SectionKind.Dynamic))
        {
            var (entries, strings) = (Content(section), Content(_sections[section.Link]));
            for (var at = 0; at + 16 <= entries.Length && U64(entries, at) != 0; at += 16)
                if (U64(entries, at) == 1)
                    needed.Add(TextAt(strings, checked((int)U64(entries, at + 8))));
        }
        return needed;
    }

    /// <summary>Returns the dynamic symbols, in order; the first is the empty one that the format requires.</summary>
    public IEnumerable<ElfSymbol> Symbols()
    {
        var table = _sections.FirstOrDefault(s => s.Kind == SectionKind.DynamicSymbols);
        if (table is null)
            yield break;
        var (symbols, strings) = (Content(table), Content(_sections[table.Link]));
        var versionTable = _sections.FirstOrDefault(s => s.Kind == SectionKind.SymbolVersions);
        var versions = versionTable is null ? null : Content(versionTable);
        for (var i = 0; i < symbols.Length / SymbolSize; i++)
        {
            var at = i * SymbolSize;
            var binding = symbols[at + 4] >> 4;
            var hidden = (symbols[at + 5] & 3) is 1 or 2;
            var defined = U16(symbols, at + 6) != 0 && binding != 0 && !hidden;
            var version = versions is null ? (ushort)1 : (ushort)(U16(versions, i * 2) & 0x7fff);
            yield return new ElfSymbol(TextAt(strings, checked((int)U32(symbols, at))), defined, binding == 2, version);
        }
    }

    /// <summary>
    /// Returns the rows of the symbol table that some relocation refers to; the loader must find these symbols.
    /// </summary>
    public HashSet<int> RelocatedSymbols()
    {
        var rows = new HashSet<int>();
        foreach (var section in _sections.Where(s => s.Kind == SectionKind.Relocations))
        {
            var relocations = Content(section);
            for (var at = 0; at + SymbolSize <= relocations.Length; at += SymbolSize)
                rows.Add((int)U32(relocations, at + 12));
        }
        return rows;
    }

    /// <summary>Returns the names of the versions that it requires, by the index that symbols carry.</summary>
    public IReadOnlyDictionary<ushort, string> NeededVersions()
    {
        var versions = new Dictionary<ushort, string>();
        foreach (var section in _sections.Where(s => s.Kind == SectionKind.VersionNeeds))
        {
            var (needs, strings) = (Content(section), Content(_sections[section.Link]));
            var need = 0;
            if (section.Info > section.Size / 16)
                throw new InvalidDataException("it lists more needed libraries than it can contain");
            for (var i = 0u; i < section.Info; i++, need += checked((int)U32(needs, need + 12)))
            {
                var entry = checked(need + (int)U32(needs, need + 8));
                for (var left = U16(needs, need + 2); left > 0; left--, entry += checked((int)U32(needs, entry + 12)))
                    versions[(ushort)(U16(needs, entry + 6) & 0x7fff)] = TextAt(
                        strings,
                        checked((int)U32(needs, entry + 8))
                    );
            }
        }
        return versions;
    }

    private byte[] Content(Section section) => _read(section.Offset, checked((int)section.Size));

    private static T Checked<T>(string name, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception error)
            when (error is InvalidDataException or ArgumentException or OverflowException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"{name} is not a library that can be examined: {error.Message}", error);
        }
    }

    private static string TextAt(byte[] strings, int offset)
    {
        var rest = strings.AsSpan(offset);
        var end = rest.IndexOf((byte)0);
        return end >= 0
            ? Encoding.ASCII.GetString(rest[..end])
            : throw new InvalidDataException("a name is not terminated");
    }

    private static ushort U16(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static uint U32(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt32LittleEndian(bytes[offset..]);

    private static ulong U64(ReadOnlySpan<byte> bytes, int offset) =>
        BinaryPrimitives.ReadUInt64LittleEndian(bytes[offset..]);

    private enum SectionKind : uint
    {
        Relocations = 4,
        Dynamic = 6,
        DynamicSymbols = 11,
        VersionNeeds = 0x6ffffffe,
        SymbolVersions = 0x6fffffff,
    }

    private sealed record Section(SectionKind Kind, long Offset, long Size, int Link, uint Info)
    {
        public static Section At(ReadOnlySpan<byte> row) =>
            new(
                (SectionKind)U32(row, 4),
                checked((long)U64(row, 24)),
                checked((long)U64(row, 32)),
                checked((int)U32(row, 40)),
                U32(row, 44)
            );
    }
}
