using System.Runtime.InteropServices;
using TorchSharp;

namespace Gyre.Torch;

/// <summary>
/// The properties of the loaded libtorch; <c>gyre doctor</c> prints them and every run records them.
/// </summary>
/// <param name="Version">The version that libtorch reports, such as 2.10.0.</param>
/// <param name="Folder">The folder that libtorch's own libraries were loaded from.</param>
/// <param name="Shim">The TorchSharp shim that was loaded.</param>
/// <param name="Patched">Whether the shim is a patched copy (see docs/decisions/0001-loading-libtorch.md).</param>
/// <param name="AllocatorTuned">Whether glibc's allocator was set to keep freed memory.</param>
public sealed record LibTorchInfo(string Version, string Folder, string Shim, bool Patched, bool AllocatorTuned)
{
    /// <summary>Whether the user specified <see cref="Folder"/> with GYRE_LIBTORCH.</summary>
    public bool NamedByUser { get; init; }

    /// <summary>
    /// The vector instructions that libtorch's kernels use (DEFAULT, AVX2, AVX512, ...), or those that the processor
    /// supports if libtorch could not be queried.
    /// </summary>
    public string CpuCapability { get; init; } = "unknown";

    /// <summary>The library behind matrix products, if libtorch reports it.</summary>
    public string? Blas { get; init; }

    /// <summary>
    /// Whether libtorch was built for CUDA; <see cref="Cuda.IsAvailable"/> reports whether there is a device.
    /// </summary>
    public bool BuiltForCuda { get; init; }
}

/// <summary>
/// Represents a libtorch that cannot be used on this machine in its present state; the message gives the reason and
/// the remedy.
/// </summary>
public sealed class LibTorchException : GyreException
{
    /// <summary>Creates the exception from one sentence on the fault and one on the remedy.</summary>
    /// <param name="fault">A sentence on the fault.</param>
    /// <param name="cure">A sentence on the remedy.</param>
    /// <param name="inner">The cause, if there is one.</param>
    public LibTorchException(string fault, string cure, Exception? inner = null)
        : base($"{fault} {cure}", inner)
    {
        Fault = fault;
        Cure = cure;
    }

    /// <summary>A sentence on the fault.</summary>
    public string Fault { get; }

    /// <summary>A sentence on the remedy.</summary>
    public string Cure { get; }
}

/// <summary>
/// Finds and loads libtorch, once per process and before any type of TorchSharp is touched. Libraries that are
/// already loaded are found by name, so TorchSharp's own search, which copies half a gigabyte or fails with a
/// misleading message, never starts. The environment variable GYRE_LIBTORCH specifies a folder to use instead of the
/// libtorch that came with the program.
/// </summary>
public static class LibTorch
{
    /// <summary>
    /// The maximum number of threads, more than the cores of any machine that Gyre runs on; a larger number is a
    /// typing error.
    /// </summary>
    public const int MaxThreads = 1024;

    internal const string FolderVariable = "GYRE_LIBTORCH";
    private static readonly Lazy<LibTorchInfo> Loaded = new(LoadOnce, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>The handle of the library that loaded the others; zero before <see cref="Load"/>.</summary>
    internal static nint Handle { get; private set; }

    /// <summary>The number of threads that one operation may use.</summary>
    /// <exception cref="LibTorchException">There is no usable libtorch.</exception>
    public static int Threads
    {
        get
        {
            Load();
            return torch.get_num_threads();
        }
    }

    /// <summary>Loads libtorch if it is not loaded yet. Cheap afterwards.</summary>
    /// <exception cref="LibTorchException">There is no usable libtorch; the message gives the remedy.</exception>
    public static LibTorchInfo Load() => Loaded.Value;

    /// <summary>
    /// Sets the number of threads that one operation may use. The last bits of float32 results depend on it, so a run
    /// records it.
    /// </summary>
    /// <param name="threads">The number of threads, from 1 to <see cref="MaxThreads"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The number is zero or less, which would end the process inside
    /// libtorch, or more than <see cref="MaxThreads"/>.</exception>
    /// <exception cref="LibTorchException">There is no usable libtorch.</exception>
    public static void SetThreads(int threads)
    {
        if (threads is < 1 or > MaxThreads)
            throw new ArgumentOutOfRangeException(
                nameof(threads),
                threads,
                $"The number of threads is between 1 and {MaxThreads}."
            );
        Load();
#pragma warning disable RS0030 // banned so that every other call goes through the check above
        torch.set_num_threads(threads);
#pragma warning restore RS0030
    }

    private static LibTorchInfo LoadOnce()
    {
        var tuned = Glibc.TuneAllocator();
        string[] own =
        [
            AppContext.BaseDirectory,
            .. (AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "").Split(Path.PathSeparator),
        ];
        var stock = Path.Combine(LibTorchFolder.GetPath(LibTorchFolder.Shim, own), LibTorchFolder.Shim);
        var named = Environment.GetEnvironmentVariable(FolderVariable);
        var isNamed = !string.IsNullOrWhiteSpace(named);
        var folder = isNamed
            ? LibTorchFolder.Named(named!, stock)
            : LibTorchFolder.GetPath(LibTorchFolder.Library, own);
        Glibc.SetDefaults(LibraryOrder.IsCudaBuild(folder));
        LoadCuda(folder, isNamed);
        var library = Handle = LoadNative(Path.Combine(folder, LibTorchFolder.Library), isNamed);
        var shim = LoadShim(stock);
        torch.backends.cuda.enable_flash_sdp(false);
        OneDnn.Test(library);
        var says = LibTorchConfiguration.Ask(library);
        var version = says.Version ?? LibTorchFolder.VersionOf(folder) ?? LibTorchFolder.NeededVersion;
        return new LibTorchInfo(version, Path.TrimEndingDirectorySeparator(folder), shim, shim != stock, tuned)
        {
            NamedByUser = isNamed,
            CpuCapability = says.CpuCapability ?? Processor.Capability,
            Blas = says.Blas,
            BuiltForCuda = LibraryOrder.IsCudaBuild(folder),
        };
    }

    /// <summary>
    /// Loads the libraries that a CUDA build needs, each before those that need it. Without this, whether they are
    /// found depends on how libtorch was installed.
    /// </summary>
    private static void LoadCuda(string folder, bool isNamed)
    {
        try
        {
            foreach (var path in LibraryOrder.Sort(folder))
                LoadNative(path, isNamed);
        }
        catch (Exception error) when (error is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw new LibTorchException(
                $"The CUDA libraries of {folder} cannot be read: {error.Message}",
                "Reinstall that libtorch, or unset " + FolderVariable + ".",
                error
            );
        }
    }

    private static nint LoadNative(string path, bool isNamed)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new LibTorchException(
                $"{path} cannot be loaded: {error.Message.ReplaceLineEndings(" ").Trim()}",
                isNamed
                    ? $"Set {FolderVariable} to a libtorch {LibTorchFolder.NeededVersion} for this system, or "
                        + "unset it."
                    : "Install the library that the message names, or rebuild the program on this system.",
                error
            );
        }
    }

    private static string LoadShim(string stock)
    {
        try
        {
            NativeLibrary.Load(stock);
            return stock;
        }
        catch (DllNotFoundException error)
            when (OperatingSystem.IsLinux()
                && error.Message.Contains(PatchedShim.MissingVersion, StringComparison.Ordinal)
            )
        {
            return PatchedShim.Load(stock, CacheFolder(), path => NativeLibrary.Load(path));
        }
        catch (Exception error) when (error is DllNotFoundException or BadImageFormatException)
        {
            throw new LibTorchException(
                $"{stock} cannot be loaded: {error.Message.ReplaceLineEndings(" ").Trim()}",
                "Install the library that the message names, or rebuild the program on this system.",
                error
            );
        }
    }

    /// <summary>Returns null for a user without a home folder.</summary>
    private static string? CacheFolder()
    {
        var data = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.DoNotVerify
        );
        return Path.IsPathFullyQualified(data) ? Path.Combine(data, "gyre", "native") : null;
    }
}
