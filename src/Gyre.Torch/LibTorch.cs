using System.Runtime.InteropServices;
using TorchSharp;

namespace Gyre.Torch;

/// <summary>What was found when libtorch was loaded; <c>gyre doctor</c> prints it and every run records it.</summary>
/// <param name="Version">Version libtorch reports, such as 2.10.0.</param>
/// <param name="Folder">Folder that libtorch's own libraries came from.</param>
/// <param name="Shim">The TorchSharp shim that was loaded.</param>
/// <param name="Patched">Whether the shim is a patched copy (see <see cref="PatchedShim"/>).</param>
/// <param name="AllocatorTuned">Whether glibc's allocator was told to keep freed memory.</param>
public sealed record LibTorchInfo(string Version, string Folder, string Shim, bool Patched, bool AllocatorTuned);

/// <summary>libtorch cannot be used on this machine as it stands; the message says why and what to do.</summary>
public sealed class LibTorchException : Exception
{
    /// <summary>Makes the exception with the sentences a user reads.</summary>
    public LibTorchException(string message, Exception? inner = null) : base(message, inner) { }
}

/// <summary>
/// Finds and loads libtorch, once per process and before any type of TorchSharp is touched: libraries already loaded are found by name,
/// so TorchSharp's own search, which copies half a gigabyte or fails with a misleading sentence, never starts.
/// </summary>
public static class LibTorch
{
    /// <summary>More threads than any machine this runs on has cores; more than that is a slip of the pen.</summary>
    public const int MaxThreads = 1024;

    private const string FolderVariable = "GYRE_LIBTORCH";
    private static readonly Lazy<LibTorchInfo> Loaded = new(LoadOnce, LazyThreadSafetyMode.ExecutionAndPublication);

    /// <summary>Loads libtorch if that has not happened yet. Cheap afterwards.</summary>
    /// <exception cref="LibTorchException">No usable libtorch; the message names the cure.</exception>
    public static LibTorchInfo Load() => Loaded.Value;

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

    /// <summary>
    /// Says how many threads one operation may use; float32 results depend on it in their last bits, so a run records it.
    /// </summary>
    /// <param name="threads">From 1 to <see cref="MaxThreads"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Zero or less, which would end the process inside libtorch, or more than <see cref="MaxThreads"/>.</exception>
    /// <exception cref="LibTorchException">No usable libtorch.</exception>
    public static void SetThreads(int threads)
    {
        if (threads is < 1 or > MaxThreads)
            throw new ArgumentOutOfRangeException(nameof(threads), threads, $"The number of threads lies between 1 and {MaxThreads}.");
        Load();
        torch.set_num_threads(threads);
    }

    private static LibTorchInfo LoadOnce()
    {
        var tuned = Glibc.TuneAllocator();
        var folder = AppContext.BaseDirectory;
        LoadNative(Path.Combine(folder, "libtorch.so"));
        var stock = Path.Combine(folder, "libLibTorchSharp.so");
        var shim = stock;
        if (!NativeLibrary.TryLoad(stock, out _))
        {
            shim = PatchedShim.Ensure(stock, CacheFolder());
            LoadNative(shim);
        }
        torch.backends.cuda.enable_flash_sdp(false);
        return new LibTorchInfo(torch.__version__, folder, shim, shim != stock, tuned);
    }

    private static void LoadNative(string path)
    {
        try
        {
            NativeLibrary.Load(path);
        }
        catch (DllNotFoundException error)
        {
            throw new LibTorchException($"{path} cannot be loaded: {error.Message}", error);
        }
    }

    private static string CacheFolder() =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "gyre", "native");
}
