using System.Runtime.InteropServices;
using TorchSharp;

namespace Gyre.Torch;

/// <summary>What was found when libtorch was loaded; <c>gyre doctor</c> prints it and every run records it.</summary>
/// <param name="Version">Version libtorch reports of itself, such as 2.10.0.</param>
/// <param name="Folder">Folder that libtorch's own libraries came from.</param>
/// <param name="Shim">The TorchSharp shim that was loaded.</param>
/// <param name="Patched">Whether the shim is a patched copy (see docs/decisions/0001-loading-libtorch.md).</param>
/// <param name="AllocatorTuned">Whether glibc's allocator was told to keep freed memory.</param>
public sealed record LibTorchInfo(string Version, string Folder, string Shim, bool Patched, bool AllocatorTuned)
{
    /// <summary>Whether <see cref="Folder"/> was named by the user with GYRE_LIBTORCH.</summary>
    public bool NamedByUser { get; init; }

    /// <summary>
    /// Vector instructions that libtorch's kernels use (DEFAULT, AVX2, AVX512, ...), or what the processor offers where
    /// libtorch could not be asked.
    /// </summary>
    public string CpuCapability { get; init; } = "unknown";

    /// <summary>The library behind matrix products, where libtorch says so.</summary>
    public string? Blas { get; init; }

    /// <summary>
    /// Whether it was built for CUDA; whether a device is there is another question (<see cref="Cuda.IsAvailable"/>).
    /// </summary>
    public bool BuiltForCuda { get; init; }
}

/// <summary>libtorch cannot be used on this machine as it stands; the message says why and what to do.</summary>
public sealed class LibTorchException : GyreException
{
    /// <summary>Makes the exception from one sentence of what is wrong and one of what to do.</summary>
    public LibTorchException(string fault, string cure, Exception? inner = null)
        : base($"{fault} {cure}", inner)
    {
        Fault = fault;
        Cure = cure;
    }

    /// <summary>What is wrong.</summary>
    public string Fault { get; }

    /// <summary>What to do.</summary>
    public string Cure { get; }
}

/// <summary>
/// Finds and loads libtorch, once per process and before any type of TorchSharp is touched: libraries already loaded
/// are found by name,
/// so TorchSharp's own search, which copies half a gigabyte or fails with a misleading sentence, never starts.
/// The environment variable GYRE_LIBTORCH names a folder to use in place of the libtorch that came with the program.
/// </summary>
public static class LibTorch
{
    /// <summary>More threads than any machine this runs on has cores; more than that is a slip of the pen.</summary>
    public const int MaxThreads = 1024;

    internal const string FolderVariable = "GYRE_LIBTORCH";
    private static readonly Lazy<LibTorchInfo> Loaded = new(LoadOnce, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>The library that brought the others; zero before <see cref="Load"/>.</summary>
    internal static nint Handle { get; private set; }

    /// <summary>How many threads one operation may use.</summary>
    /// <exception cref="LibTorchException">No usable libtorch.</exception>
    public static int Threads
    {
        get
        {
            Load();
            return torch.get_num_threads();
        }
    }

    /// <summary>Loads libtorch if that has not happened yet. Cheap afterwards.</summary>
    /// <exception cref="LibTorchException">No usable libtorch; the message names the cure.</exception>
    public static LibTorchInfo Load() => Loaded.Value;

    /// <summary>
    /// Says how many threads one operation may use; float32 results depend on it in their last bits, so a run records
    /// it.
    /// </summary>
    /// <param name="threads">From 1 to <see cref="MaxThreads"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less, which would end the process inside libtorch, or more
    /// than <see cref="MaxThreads"/>.</exception>
    /// <exception cref="LibTorchException">No usable libtorch.</exception>
    public static void SetThreads(int threads)
    {
        if (threads is < 1 or > MaxThreads)
            throw new ArgumentOutOfRangeException(
                nameof(threads),
                threads,
                $"The number of threads lies between 1 and {MaxThreads}."
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
    /// What a CUDA build needs, each library before those that need it: without this, whether they are found depends on
    /// how libtorch was installed.
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
                "Install that libtorch again, or unset " + FolderVariable + ".",
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
                    ? $"Let {FolderVariable} name a libtorch {LibTorchFolder.NeededVersion} for this system, or "
                        + "unset it."
                    : "Install what the message names, or build the program again on this system.",
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
                "Install what the message names, or build the program again on this system.",
                error
            );
        }
    }

    /// <summary>Null for a user without a home.</summary>
    private static string? CacheFolder()
    {
        var data = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData,
            Environment.SpecialFolderOption.DoNotVerify
        );
        return Path.IsPathFullyQualified(data) ? Path.Combine(data, "gyre", "native") : null;
    }
}
