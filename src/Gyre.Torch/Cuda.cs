using System.Runtime.InteropServices;
using TorchSharp;

namespace Gyre.Torch;

/// <summary>The numerical settings of the device in this process.</summary>
/// <param name="Tf32">Whether products of float32 may be computed in TF32.</param>
/// <param name="Deterministic">Whether libtorch was set to prefer kernels that give the same bits at every
/// call.</param>
internal sealed record CudaSettings(bool Tf32, bool Deterministic);

/// <summary>NVIDIA's devices, as libtorch and the driver report them.</summary>
internal static class Cuda
{
    private const string GlobalContext = "_ZN2at13globalContextEv"; // at::Context& at::globalContext()
    private const string Algorithms = "_ZN2at7Context26setDeterministicAlgorithmsEbb"; // (bool on, bool warn only)
    private const string Fill = "_ZN2at7Context39setDeterministicFillUninitializedMemoryEb";
    private const string Cudnn = "_ZN2at7Context21setDeterministicCuDNNEb";
    private const string Benchmark = "_ZN2at7Context17setBenchmarkCuDNNEb";

    /// <summary>Whether libtorch can compute on a CUDA device here.</summary>
    /// <exception cref="LibTorchException">There is no usable libtorch.</exception>
    public static bool IsAvailable
    {
        get
        {
            LibTorch.Load();
            return torch.cuda.is_available();
        }
    }

    /// <summary>
    /// The name of the device that runs use, with the newest CUDA version that its driver supports; null without one.
    /// </summary>
    public static string? DeviceName =>
        IsAvailable && CudaDriver.Here is { } driver && driver.Devices() is [var first, ..]
            ? $"{first.Name}, driver for CUDA {driver.VersionText}"
            : null;

    /// <summary>
    /// Sets how float32 is multiplied, explicitly in both cases: by default, libtorch lets convolutions use TF32,
    /// with 10 bits instead of 23. If there is a device, libtorch prefers kernels that give the same bits at every
    /// call, and chooses no kernel by timing it. An operation without such a kernel still runs, and the check at a
    /// run's start reports it.
    /// </summary>
    /// <param name="tf32">Whether to allow TF32.</param>
    /// <exception cref="LibTorchException">There is no usable libtorch.</exception>
    public static CudaSettings Settle(bool tf32)
    {
        LibTorch.Load();
        torch.backends.cuda.matmul.allow_tf32 = tf32;
        torch.backends.cudnn.allow_tf32 = tf32;
        return new CudaSettings(tf32, IsAvailable && PreferDeterministic());
    }

    /// <summary>
    /// Sets the flags on libtorch's context by their symbol names in the library, because TorchSharp exposes none of
    /// them.
    /// </summary>
    internal static unsafe bool PreferDeterministic()
    {
        var known = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;
        var library = LibTorch.Handle;
        if (
            !known
            || !NativeLibrary.TryGetExport(library, GlobalContext, out var make)
            || !NativeLibrary.TryGetExport(library, Algorithms, out var algorithms)
        )
            return false;
        var context = ((delegate* unmanaged<nint>)make)();
        ((delegate* unmanaged<nint, byte, byte, void>)algorithms)(context, 1, 1);
        // Filling fresh memory with NaN finds mistakes, but costs a pass over every tensor.
        Set(library, context, Fill, false);
        return Set(library, context, Cudnn, true) && Set(library, context, Benchmark, false);
    }

    private static unsafe bool Set(nint library, nint context, string setter, bool on)
    {
        if (!NativeLibrary.TryGetExport(library, setter, out var set))
            return false;
        ((delegate* unmanaged<nint, byte, void>)set)(context, on ? (byte)1 : (byte)0);
        return true;
    }
}
