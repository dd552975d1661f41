using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Gyre.Torch;

/// <summary>
/// Determines the kind of a file. The runtime distinguishes folders from files, but not a pipe or a device from a
/// regular file.
/// </summary>
internal static partial class FileKind
{
    private const int Formats = 0xf000;
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint TypeWanted = 1; // STATX_TYPE

    /// <summary>
    /// Describes the target of a path, links followed, if it is neither a regular file nor a folder. Returns null
    /// otherwise, including if the path does not exist or the system does not report its kind.
    /// </summary>
    public static string? Special(string path) =>
        (ModeOf(path) & Formats) switch
        {
            null or 0x8000 or 0x4000 => null,
            0x1000 => "a named pipe",
            0x2000 or 0x6000 => "a device",
            0xc000 => "a socket",
            _ => "something else",
        };

    /// <summary>
    /// Returns st_mode, by the one call of each system whose structure is the same on all its processors.
    /// </summary>
    private static int? ModeOf(string path)
    {
        Span<byte> status = stackalloc byte[256]; // larger than either structure
        try
        {
            if (OperatingSystem.IsLinux())
                return statx(CurrentFolder, path, 0, TypeWanted, ref status[0]) == 0
                    ? BinaryPrimitives.ReadUInt16LittleEndian(status[28..])
                    : null;
            if (OperatingSystem.IsMacOS())
                return stat(path, ref status[0]) == 0 ? BinaryPrimitives.ReadUInt16LittleEndian(status[4..]) : null;
        }
        catch (EntryPointNotFoundException)
        {
            // The C library is older than the call.
        }
        return null;
    }

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int folder, string path, int flags, uint mask, ref byte status);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int stat(string path, ref byte status);
}
