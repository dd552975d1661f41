using System.Security.Cryptography;

namespace Gyre.Torch;

/// <summary>
/// A copy of TorchSharp's native shim that loads where libstdc++ is older than GCC 13's.
/// The stock file asks for the version GLIBCXX_3.4.32, whose only symbol (<c>_ZSt21ios_base_library_initv</c>) no
/// relocation refers to: nothing ever calls it.
/// The copy marks that need as weak, after checking that this is so. See docs/decisions/0001-loading-libtorch.md.
/// </summary>
/// <remarks>
/// Copies live in a per-user cache, named by the hash of the stock file and compared with what they must be at every
/// use: 3 to 7 ms a start, paid so that a damaged
/// or foreign file is never loaded.
/// </remarks>
internal static class PatchedShim
{
    /// <summary>The symbol version that older systems lack.</summary>
    public const string MissingVersion = "GLIBCXX_3.4.32";

    /// <summary>
    /// Loads the patched copy: from the cache, which it fills or mends as needed, or, where no cache can be written,
    /// from a folder of its own
    /// that only this user can enter and that is removed again at once.
    /// </summary>
    /// <param name="stock">Path of the untouched shim.</param>
    /// <param name="cache">Folder for copies; made if missing. Null where the user has no such place.</param>
    /// <param name="load">Loads a library; throws <see cref="DllNotFoundException"/> where it cannot.</param>
    /// <returns>The path loaded from.</returns>
    /// <exception cref="LibTorchException">The shim is not the one this patch was made for, or no copy could be placed
    /// and loaded.</exception>
    public static string Load(string stock, string? cache, Action<string> load)
    {
        var (name, image) = Patch(stock);
        var failures = new List<string>();
        if (cache is not null && Attempt(() => Load(Ensure(cache, name, image), load), failures, cache) is { } cached)
            return cached;
        if (Attempt(() => LoadFromPrivateFolder(name, image, load), failures, Path.GetTempPath()) is { } temporary)
            return temporary;
        throw new LibTorchException(
            "The C++ library of this system is older than GCC 13's, and the adapted copy of "
                + $"{Path.GetFileName(stock)} could not be used: {string.Join("; ", failures)}.",
            "Set XDG_DATA_HOME to a folder that can be written and executed from, or install the libstdc++ "
                + "of GCC 13 or newer."
        );
    }

    /// <summary>
    /// Makes the patched copy in <paramref name="cache"/> if it is missing or damaged, and returns its path. Safe when
    /// several processes do so at once.
    /// </summary>
    /// <exception cref="LibTorchException">The stock file is not the shim this patch was made for.</exception>
    /// <exception cref="IOException">The cache folder cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The cache folder cannot be written.</exception>
    public static string Ensure(string stock, string cache)
    {
        var (name, image) = Patch(stock);
        return Ensure(cache, name, image);
    }

    private static string Ensure(string cache, string name, byte[] image)
    {
        var target = Path.Combine(cache, name);
        if (Holds(target, image))
            return target;
        Directory.CreateDirectory(cache);
        AtomicFile.Write(target, image.Length, stream => stream.Write(image));
        return target;
    }

    private static (string Name, byte[] Image) Patch(string stock)
    {
        try
        {
            var image = File.ReadAllBytes(stock);
            CheckUnused(image, stock);
            var name =
                $"{Path.GetFileNameWithoutExtension(stock)}-{Convert.ToHexStringLower(SHA256.HashData(image))[..32]}.so";
            ElfVersionNeeds.MarkWeak(image, MissingVersion);
            return (name, image);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new LibTorchException(
                $"{stock} cannot be adapted to this system: {error.Message}",
                "Install the libstdc++ of GCC 13 or newer.",
                error
            );
        }
    }

    /// <summary>
    /// The patch is sound only where the version is asked for but no relocation needs a symbol of it.
    /// </summary>
    private static void CheckUnused(byte[] image, string stock) =>
        ElfFile.Using(
            image,
            stock,
            elf =>
            {
                var versions = elf.NeededVersions()
                    .Where(v => v.Value == MissingVersion)
                    .Select(v => v.Key)
                    .ToHashSet();
                if (versions.Count == 0)
                    throw new InvalidDataException(
                        $"it does not ask for {MissingVersion}, so there is nothing to adapt"
                    );
                var relocated = elf.RelocatedSymbols();
                var used = elf.Symbols()
                    .Where((symbol, row) => versions.Contains(symbol.Version) && relocated.Contains(row))
                    .Select(s => s.Name)
                    .ToArray();
                return used.Length == 0
                    ? 0
                    : throw new InvalidDataException($"it calls {string.Join(", ", used)} of {MissingVersion}");
            }
        );

    private static bool Holds(string path, byte[] expected)
    {
        var file = new FileInfo(path);
        return file.Exists
            && file.Length == expected.Length
            && File.ReadAllBytes(path).AsSpan().SequenceEqual(expected);
    }

    private static string Load(string path, Action<string> load)
    {
        load(path);
        return path;
    }

    private static string LoadFromPrivateFolder(string name, byte[] image, Action<string> load)
    {
        // A fresh folder with mode 0700: nobody else can have put, or can exchange, what is loaded from it. A loaded
        // file may be removed.
        var folder = Directory.CreateTempSubdirectory("gyre-");
        try
        {
            var path = Path.Combine(folder.FullName, name);
            File.WriteAllBytes(path, image);
            return Load(path, load);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string? Attempt(Func<string> place, List<string> failures, string where)
    {
        try
        {
            return place();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DllNotFoundException)
        {
            failures.Add($"{where}: {error.Message.ReplaceLineEndings(" ").Trim().TrimEnd('.')}");
            return null;
        }
    }
}
