using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Gyre.Torch;

/// <summary>The properties that libtorch reports about itself; null if libtorch could not be queried.</summary>
/// <param name="Version">The version, such as 2.10.0.</param>
/// <param name="CpuCapability">The vector instructions that its kernels use: DEFAULT, AVX2, AVX512, ...</param>
/// <param name="Blas">The library behind its matrix products.</param>
internal sealed partial record LibTorchConfiguration(string? Version, string? CpuCapability, string? Blas)
{
    private const string Symbol = "_ZN2at11show_configB5cxx11Ev"; // std::string at::show_config()

    /// <summary>
    /// Queries the loaded libtorch. Neither TorchSharp nor its shim exposes this: their own version number is a
    /// constant.
    /// </summary>
    /// <param name="library">The handle of a loaded library that exports <c>at::show_config</c>, or that depends on
    /// one that does.</param>
    public static LibTorchConfiguration Ask(nint library)
    {
        // The call below relies on how this platform returns a std::string, so no other platform is queried.
        var known = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;
        return known && NativeLibrary.TryGetExport(library, Symbol, out var function)
            ? Parse(Call(function))
            : new(null, null, null);
    }

    /// <summary>Parses the text of <c>at::show_config</c>.</summary>
    public static LibTorchConfiguration Parse(string text) =>
        new(First(VersionPattern(), text), First(CapabilityPattern(), text), First(BlasPattern(), text));

    /// <summary>
    /// Calls a C++ function that returns a std::string. It takes a hidden pointer to 32 bytes (Itanium C++ ABI), of
    /// which the first two words are the text's address and length (libstdc++). The text itself, about 2 kB, is not
    /// freed: this happens once per process.
    /// </summary>
    private static unsafe string Call(nint function)
    {
        var text = stackalloc nint[4];
        ((delegate* unmanaged<nint*, nint*>)function)(text);
        return Marshal.PtrToStringUTF8(text[0], checked((int)text[1]));
    }

    private static string? First(Regex words, string text) =>
        words.Match(text) is { Success: true } match ? match.Groups[1].Value.Trim() : null;

    [GeneratedRegex(@"\bTORCH_VERSION=([^,\s]+)")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"CPU capability usage: *(\S+)")]
    private static partial Regex CapabilityPattern();

    [GeneratedRegex(@"- (.*Math Kernel Library Version \S+|OpenBLAS\S*.*)")]
    private static partial Regex BlasPattern();
}
