using System.IO.Compression;
using System.Text;

namespace Gyre.Torch.Exported;

/// <summary>
/// Wraps source code in a TorchScript file in memory. Its module has no attributes. A plain compilation unit would
/// not do: only the code of such files may use <c>annotate</c>, <c>inf</c> and <c>ops</c>.
/// </summary>
internal static class ScriptBytes
{
    /// <summary>libtorch's version of the file format; an older one would select older forms of operators.</summary>
    private const string Version = "10\n";

    /// <summary>Creates the file.</summary>
    /// <param name="code">The source of a class named <see cref="GraphText.Class"/>.</param>
    public static byte[] Create(string code)
    {
        using var memory = new MemoryStream();
        using (var zip = new ZipArchive(memory, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, "data.pkl", Module());
            Add(zip, "code/__torch__.py", Encoding.UTF8.GetBytes(code));
            Add(zip, "constants.pkl", [0x80, 2, (byte)')', (byte)'.']); // an empty tuple
            Add(zip, "version", Encoding.ASCII.GetBytes(Version));
        }
        return memory.ToArray();
    }

    /// <summary>
    /// Returns a pickle of an instance without attributes: class, empty arguments, new, empty state, build.
    /// </summary>
    private static byte[] Module() =>
        [0x80, 2, .. Encoding.ASCII.GetBytes($"c__torch__\n{GraphText.Class}\n)"), 0x81, .. "}b."u8];

    private static void Add(ZipArchive zip, string name, byte[] bytes)
    {
        using var entry = zip.CreateEntry($"program/{name}", CompressionLevel.NoCompression).Open();
        entry.Write(bytes);
    }
}
