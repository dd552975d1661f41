namespace Gyre.Lab.Data;

/// <summary>The format of a file, recognized by its first bytes and not by its extension.</summary>
/// <param name="Name">Name of the format.</param>
/// <param name="Advice">How to convert the file into one that can be read.</param>
internal sealed record FileForm(string Name, string Advice)
{
    /// <summary>The Parquet format.</summary>
    public const string Parquet = "Parquet";

    /// <summary>The number of bytes that suffice to recognize a format.</summary>
    public const int Enough = 16;

    private static readonly (byte[] Start, FileForm Form)[] Known =
    [
        ([.. "PAR1"u8], new(Parquet, "Set data.name = \"table\", and data.path to the file.")),
        ([.. "PARE"u8], new("encrypted Parquet", "Save it without encryption.")),
        ([0x1f, 0x8b], new("compressed by gzip", "Decompress it: gunzip.")),
        ([.. "BZh"u8], new("compressed by bzip2", "Decompress it: bunzip2.")),
        ([0xfd, .. "7zXZ\0"u8], new("compressed by xz", "Decompress it: unxz.")),
        ([0x28, 0xb5, 0x2f, 0xfd], new("compressed by Zstandard", "Decompress it: unzstd.")),
        (
            [.. "PK\x03\x04"u8],
            new("a zip archive (as .xlsx, .npz and .pt files are)", "Unpack it, or save its contents as CSV.")
        ),
        ([.. "7z"u8, 0xbc, 0xaf], new("a 7-Zip archive", "Unpack it.")),
        ([0x93, .. "NUMPY"u8], new("a numpy array", "Set data.name = \"arrays\" to read it.")),
        ([0x89, .. "HDF"u8], new("HDF5", "Save it as CSV, Parquet or .npy.")),
        ([.. "ARROW1"u8], new("an Arrow file", "Save it as Parquet.")),
        ([.. "FEA1"u8], new("a Feather file", "Save it as Parquet.")),
        ([.. "SQLite format 3"u8], new("an SQLite database", "Save the table as CSV.")),
        ([0xd0, 0xcf, 0x11, 0xe0], new("an old Office document", "Save it as CSV.")),
        ([.. "%PDF"u8], new("a PDF document", "Save its text.")),
        ([0x89, .. "PNG"u8], new("a PNG image", "Set data.name = \"images\" to read a folder of images.")),
        ([0xff, 0xd8, 0xff], new("a JPEG image", "Set data.name = \"images\" to read a folder of images.")),
        ([0xff, 0xfe, 0, 0], new("text in UTF-32", "Save it as UTF-8.")),
        ([0xff, 0xfe], new("text in UTF-16", "Save it as UTF-8.")),
        ([0xfe, 0xff], new("text in UTF-16", "Save it as UTF-8.")),
    ];

    /// <summary>
    /// Returns the format by the first bytes; null if they are of no known format, such as UTF-8 text.
    /// </summary>
    public static FileForm? Detect(ReadOnlySpan<byte> first)
    {
        foreach (var (start, form) in Known)
        {
            if (first.StartsWith(start))
                return form;
        }
        return null;
    }

    /// <summary>Returns the format of a file.</summary>
    /// <exception cref="DataException">The file cannot be read.</exception>
    public static FileForm? Detect(string path)
    {
        using var file = UserFile.Open(path);
        Span<byte> first = stackalloc byte[Enough];
        return Detect(first[..file.ReadAtLeast(first, first.Length, throwOnEndOfStream: false)]);
    }
}
