using System.IO.Compression;
using System.Text;

namespace Gyre.Torch.Exported;

/// <summary>
/// A TorchScript file around a text of code, in memory. Its module has no attributes. A plain compilation unit would not
/// know <c>annotate</c>, <c>inf</c> and <c>ops</c>, which only the code of such files may use.
/// </summary>
internal static class ScriptBytes
{
    /// <summary>libtorch's version of the format; an older one would select older forms of operators.</summary>
    private const string Version = "10\n";

    /// <summary>Makes the file.</summary>
    /// <param name="code">A class named <see cref="GraphText.Class"/>.</param>
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

    /// <summary>A pickle of an instance without attributes: class, no arguments, new, no state, built.</summary>
    private static byte[] Module() =>
        [0x80, 2, .. Encoding.ASCII.GetBytes($"c__torch__\n{GraphText.Class}\n)"), 0x81, .. "}b."u8];

    private static void Add(ZipArchive zip, string name, byte[] bytes)
    {
        using var entry = zip.CreateEntry($"program/{name}", CompressionLevel.NoCompression).Open();
        entry.Write(bytes);
    }
}
