using System.Security.Cryptography;

namespace Gyre.Torch;

/// <summary>
/// A copy of TorchSharp's native shim that loads where libstdc++ is older than GCC 13's.
/// The stock file asks for the version GLIBCXX_3.4.32, whose only symbol (<c>_ZSt21ios_base_library_initv</c>) no relocation refers to;
/// the copy marks that need as weak. Copies live in a per-user cache, named by the hash of the stock file and checked by content at every use.
/// </summary>
internal static class PatchedShim
{
    /// <summary>The symbol version that older systems lack.</summary>
    public const string MissingVersion = "GLIBCXX_3.4.32";

    /// <summary>Makes the patched copy if it is missing or damaged, and returns its path. Safe when several processes do so at once.</summary>
    /// <param name="stock">Path of the untouched shim.</param>
    /// <param name="cache">Folder for copies; made if missing.</param>
    /// <exception cref="InvalidDataException">The stock file is not the shim this patch was made for.</exception>
    /// <exception cref="IOException">The cache folder cannot be written.</exception>
    public static string Ensure(string stock, string cache)
    {
        var image = File.ReadAllBytes(stock);
        var name = Convert.ToHexStringLower(SHA256.HashData(image))[..32];
        if (ElfVersionNeeds.MarkWeak(image, MissingVersion) == 0)
            throw new InvalidDataException($"{stock} does not ask for {MissingVersion}: there is nothing to patch.");
        var target = Path.Combine(cache, $"{Path.GetFileNameWithoutExtension(stock)}-{name}.so");
        if (!Holds(target, image))
            WriteWhole(target, image);
        return target;
    }

    private static bool Holds(string path, byte[] expected)
    {
        var file = new FileInfo(path);
        return file.Exists && file.Length == expected.Length && File.ReadAllBytes(path).AsSpan().SequenceEqual(expected);
    }

    /// <summary>Written beside and renamed, so that no other process can ever load half a file.</summary>
    private static void WriteWhole(string target, byte[] image)
    {
        var folder = Path.GetDirectoryName(target)!;
        Directory.CreateDirectory(folder);
        var beside = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using (var stream = new FileStream(beside, FileMode.CreateNew, FileAccess.Write))
            {
                stream.Write(image);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, target, overwrite: true);
        }
        finally
        {
            File.Delete(beside);
        }
    }
}
