using System.Security.Cryptography;

namespace Gyre.Torch;

/// <summary>
/// Provides a copy of TorchSharp's native shim that loads with a libstdc++ older than GCC 13's. The stock file
/// requires the version GLIBCXX_3.4.32, whose only symbol (<c>_ZSt21ios_base_library_initv</c>) no relocation refers
/// to: nothing ever calls it. The copy marks that need as weak, after a check that this is so. See
/// docs/decisions/0001-loading-libtorch.md.
/// </summary>
/// <remarks>
/// Copies live in a per-user cache, named by the hash of the stock file. Each use compares the copy with its expected
/// content, which costs 3 to 7 ms per start, so that a damaged or foreign file is never loaded.
/// </remarks>
internal static class PatchedShim
{
    /// <summary>The symbol version that older systems lack.</summary>
    public const string MissingVersion = "GLIBCXX_3.4.32";

    /// <summary>
    /// Loads the patched copy from the cache, which it fills or repairs as needed. If no copy can be cached and
    /// loaded from there, it loads one from a temporary folder that only this user can enter and that is removed
    /// immediately afterwards.
    /// </summary>
    /// <param name="stock">The path of the untouched shim.</param>
    /// <param name="cache">The folder for copies; created if missing. Null if the user has no such folder.</param>
    /// <param name="load">Loads a library; throws <see cref="DllNotFoundException"/> on failure.</param>
    /// <returns>The path it was loaded from.</returns>
    /// <exception cref="LibTorchException">The shim is not the one that this patch was made for, or no copy could be
    /// written and loaded.</exception>
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
    /// Creates the patched copy in <paramref name="cache"/> if it is missing or damaged, and returns its path. Safe
    /// when several processes do so at once.
    /// </summary>
    /// <exception cref="LibTorchException">The stock file is not the shim that this patch was made for.</exception>
    /// <exception cref="IOException">The cache folder is not writable.</exception>
    /// <exception cref="UnauthorizedAccessException">The cache folder is not writable.</exception>
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
    /// Checks that the patch is sound: the image requires the version, but no relocation needs a symbol of it.
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
                    throw new InvalidDataException($"it does not need {MissingVersion}, so there is nothing to adapt");
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
        // The folder is new and has mode 0700, so no other user can place or replace the file that is loaded from it.
        // A loaded file may be removed.
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
