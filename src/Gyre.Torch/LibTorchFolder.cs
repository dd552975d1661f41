using System.Globalization;
using System.Text.RegularExpressions;

namespace Gyre.Torch;

/// <summary>Finds and examines a folder with libtorch's own libraries before anything in it is loaded.</summary>
internal static partial class LibTorchFolder
{
    /// <summary>
    /// The libtorch version that the shim was compiled against. Other versions work if they have every function that
    /// the shim calls.
    /// </summary>
    public const string NeededVersion = "2.10.0";

    /// <summary>The file name of the library to load first; it loads the others.</summary>
    public static string Library { get; } = OnThisSystem("torch.dll", "libtorch.dylib", "libtorch.so");

    /// <summary>The file name of TorchSharp's shim.</summary>
    public static string Shim { get; } =
        OnThisSystem("LibTorchSharp.dll", "libLibTorchSharp.dylib", "libLibTorchSharp.so");

    private static string OnThisSystem(string windows, string macOs, string linux)
    {
        if (OperatingSystem.IsWindows())
            return windows;
        return OperatingSystem.IsMacOS() ? macOs : linux;
    }

    /// <summary>Returns the first of <paramref name="folders"/> that contains <paramref name="file"/>.</summary>
    /// <exception cref="LibTorchException">No folder contains it.</exception>
    public static string GetPath(string file, IEnumerable<string> folders)
    {
        var tried = folders.Where(folder => folder.Length > 0).Distinct().ToArray();
        return tried.FirstOrDefault(folder => File.Exists(Path.Combine(folder, file)))
            ?? throw new LibTorchException(
                $"{file} was not found in any of these folders: {string.Join(", ", tried)}.",
                "Rebuild the program so that its native libraries are in its folder, or set GYRE_LIBTORCH to "
                    + "the folder of an existing libtorch "
                    + $"{NeededVersion}, such as torch/lib of a Python installation."
            );
    }

    /// <summary>
    /// Returns the libtorch folder that a user specifies: the folder itself or, as is also common, the installation
    /// above it with <c>lib</c> inside.
    /// </summary>
    /// <exception cref="LibTorchException">The folder does not exist, contains no libtorch, or contains one that
    /// lacks functions the shim calls.</exception>
    public static string Named(string named, string shim)
    {
        var folder = Path.GetFullPath(named);
        if (!Directory.Exists(folder))
            throw Unusable(named, "which is not a folder");
        if (!File.Exists(Path.Combine(folder, Library)) && File.Exists(Path.Combine(folder, "lib", Library)))
            folder = Path.Combine(folder, "lib");
        if (!File.Exists(Path.Combine(folder, Library)))
            throw Unusable(named, $"but there is no {Library} in it");
        if (!OperatingSystem.IsLinux())
            return folder; // other systems' formats are not examined: their loaders report missing functions
        var missing = Examine(folder, shim, named);
        if (missing.Count > 0)
            throw Unusable(
                named,
                $"which contains libtorch {VersionOf(folder) ?? "of an unknown version"}; it lacks "
                    + $"{missing.Count} functions that this program calls, "
                    + $"such as {string.Join(", ", Examples(missing))}"
            );
        return folder;
    }

    /// <summary>
    /// Returns the version of the libtorch in a folder, from the text files next to it (a Python package's, or an
    /// unpacked archive's); null if there are none.
    /// </summary>
    public static string? VersionOf(string folder)
    {
        var above = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))) ?? folder;
        foreach (
            var (file, pattern) in new[]
            {
                (Path.Combine(above, "version.py"), PythonVersion()),
                (Path.Combine(above, "build-version"), PlainVersion()),
                (Path.Combine(above, "include", "torch", "headeronly", "version.h"), HeaderVersion()),
                (Path.Combine(above, "include", "torch", "version.h"), HeaderVersion()),
                (
                    Path.Combine(above, "include", "torch", "csrc", "api", "include", "torch", "version.h"),
                    HeaderVersion()
                ),
            }
        )
        {
            if (TextOf(file) is { } text && pattern.Match(text) is { Success: true } match)
                return match.Groups[1].Value;
        }
        return null;
    }

    /// <summary>
    /// Returns the symbols that the shim requires from libtorch and that no library in <paramref name="folder"/>
    /// defines. The required symbols are the shim's undefined symbols without a version, because those of the
    /// system's libraries all have one. The search covers the libraries that the shim names and, in turn, those that
    /// they name.
    /// </summary>
    /// <exception cref="InvalidDataException">A file is not a library in a supported format.</exception>
    public static IReadOnlyCollection<string> MissingSymbols(string folder, string shim)
    {
        var (wanted, libraries) = ElfFile.Using(
            shim,
            elf =>
                (
                    elf.Symbols()
                        .Where(s => !s.IsDefined && !s.IsWeak && s.Version <= 1 && s.Name.Length > 0)
                        .Select(s => s.Name)
                        .ToHashSet(StringComparer.Ordinal),
                    new Queue<string>(elf.Needed())
                )
        );
        var seen = new HashSet<string>(libraries, StringComparer.Ordinal);
        while (wanted.Count > 0 && libraries.TryDequeue(out var library))
        {
            var path = Path.Combine(folder, library);
            if (!File.Exists(path))
                continue; // a library of the system
            foreach (var needed in ElfFile.Using(path, elf => Remove(elf, wanted)).Where(seen.Add))
                libraries.Enqueue(needed);
        }
        return wanted;
    }

    /// <summary>
    /// Returns a mangled C++ name in readable form: _ZN2at4_ops3addE... → at::_ops::add. Parameters are left out.
    /// </summary>
    public static string Readable(string mangled)
    {
        var parts = new List<string>();
        if (!mangled.StartsWith("_ZN", StringComparison.Ordinal))
            return mangled;
        var at = mangled.StartsWith("_ZNK", StringComparison.Ordinal) ? 4 : 3;
        while (at < mangled.Length && char.IsAsciiDigit(mangled[at]))
        {
            var digits = mangled.AsSpan(at);
            digits = digits[..(digits.IndexOfAnyExceptInRange('0', '9') is var end and >= 0 ? end : digits.Length)];
            if (
                !int.TryParse(digits, CultureInfo.InvariantCulture, out var length)
                || length > mangled.Length - at - digits.Length
            )
                return mangled;
            parts.Add(mangled.Substring(at + digits.Length, length));
            at += digits.Length + length;
        }
        return parts.Count == 0 ? mangled : string.Join("::", parts);
    }

    /// <summary>
    /// Returns the three most informative names: functions of at and torch before type tables, short names before
    /// long ones.
    /// </summary>
    private static IEnumerable<string> Examples(IEnumerable<string> missing) =>
        missing
            .OrderBy(name => Readable(name) == name)
            .ThenBy(name => name.Length)
            .ThenBy(name => name, StringComparer.Ordinal)
            .Select(Readable)
            .Distinct()
            .Take(3);

    private static IReadOnlyList<string> Remove(ElfFile elf, HashSet<string> wanted)
    {
        foreach (var symbol in elf.Symbols())
            if (symbol.IsDefined)
                wanted.Remove(symbol.Name);
        return elf.Needed();
    }

    private static IReadOnlyCollection<string> Examine(string folder, string shim, string named)
    {
        try
        {
            return MissingSymbols(folder, shim);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw Unusable(named, $"but {error.Message}", error);
        }
    }

    private static LibTorchException Unusable(string named, string fault, Exception? inner = null) =>
        new(
            $"GYRE_LIBTORCH names {named}, {fault}.",
            $"Set it to a folder with libtorch {NeededVersion}, such as torch/lib of a Python installation, "
                + "or unset it to use the libtorch that came with the program.",
            inner
        );

    private static string? TextOf(string file)
    {
        try
        {
            return File.Exists(file) ? File.ReadAllText(file) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    [GeneratedRegex("""__version__\s*=\s*['"]([^'"]+)""")]
    private static partial Regex PythonVersion();

    [GeneratedRegex(@"^\s*([0-9]+\.[0-9]+[^\s]*)")]
    private static partial Regex PlainVersion();

    [GeneratedRegex("""#define\s+TORCH_VERSION\s+"([^"]+)""")]
    private static partial Regex HeaderVersion();
}
