namespace Gyre.Lab.Data;

/// <summary>What a file is, told by its first bytes and not by its ending.</summary>
/// <param name="Name">Its form.</param>
/// <param name="Advice">How it becomes what can be read.</param>
internal sealed record FileForm(string Name, string Advice)
{
    /// <summary>The form of Parquet.</summary>
    public const string Parquet = "Parquet";

    /// <summary>Bytes that are enough.</summary>
    public const int Enough = 16;

    private static readonly (byte[] Start, FileForm Form)[] Known =
    [
        ([.. "PAR1"u8], new(Parquet, "Name it in data.path of data.name = \"table\".")),
        ([.. "PARE"u8], new("encrypted Parquet", "Write it without encryption.")),
        ([0x1f, 0x8b], new("packed by gzip", "Unpack it: gunzip.")),
        ([.. "BZh"u8], new("packed by bzip2", "Unpack it: bunzip2.")),
        ([0xfd, .. "7zXZ\0"u8], new("packed by xz", "Unpack it: unxz.")),
        ([0x28, 0xb5, 0x2f, 0xfd], new("packed by Zstandard", "Unpack it: unzstd.")),
        (
            [.. "PK\x03\x04"u8],
            new("a zip archive, as .xlsx, .npz and .pt files are", "Unpack it, or save what it holds as CSV.")
        ),
        ([.. "7z"u8, 0xbc, 0xaf], new("packed by 7-Zip", "Unpack it.")),
        ([0x93, .. "NUMPY"u8], new("a numpy array", "data.name = \"arrays\" reads those.")),
        ([0x89, .. "HDF"u8], new("HDF5", "Save it as CSV, Parquet or .npy.")),
        ([.. "ARROW1"u8], new("an Arrow file", "Save it as Parquet.")),
        ([.. "FEA1"u8], new("a Feather file", "Save it as Parquet.")),
        ([.. "SQLite format 3"u8], new("an SQLite database", "Save the table as CSV.")),
        ([0xd0, 0xcf, 0x11, 0xe0], new("an old Office document", "Save it as CSV.")),
        ([.. "%PDF"u8], new("a PDF document", "Save its text.")),
        ([0x89, .. "PNG"u8], new("a PNG picture", "data.name = \"images\" reads a folder of those.")),
        ([0xff, 0xd8, 0xff], new("a JPEG picture", "data.name = \"images\" reads a folder of those.")),
        ([0xff, 0xfe, 0, 0], new("text in UTF-32", "Save it as UTF-8.")),
        ([0xff, 0xfe], new("text in UTF-16", "Save it as UTF-8.")),
        ([0xfe, 0xff], new("text in UTF-16", "Save it as UTF-8.")),
    ];

    /// <summary>What the first bytes say; null where they say nothing, as those of text in UTF-8.</summary>
    public static FileForm? Detect(ReadOnlySpan<byte> first)
    {
        foreach (var (start, form) in Known)
        {
            if (first.StartsWith(start))
                return form;
        }
        return null;
    }

    /// <summary>Of a file.</summary>
    /// <exception cref="DataException">It cannot be read.</exception>
    public static FileForm? Detect(string path)
    {
        using var file = UserFile.Open(path);
        Span<byte> first = stackalloc byte[Enough];
        return Detect(first[..file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)]);
    }
}
