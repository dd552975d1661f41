using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.Lab.Running;

/// <summary>
/// Sets up the engine as a spec requires. It is the only place that decides where tensors live and how they are
/// multiplied.
/// </summary>
internal static class RunEngine
{
    /// <summary>
    /// Loads libtorch, sets threads and precision, and finds the device. A process that only plans or watches never
    /// calls it.
    /// </summary>
    /// <returns>The spec with the device that is actually used: cpu or cuda.</returns>
    /// <exception cref="LibTorchException">There is no usable libtorch, or CUDA is requested and there is no CUDA
    /// device.</exception>
    public static RunSpec Begin(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        LibTorch.Load();
        LibTorch.SetThreads(spec.Threads);
        var device = DeviceOf(spec.Device, Cuda.IsAvailable);
        Cuda.Settle(spec.Tf32);
        return spec with { Device = device };
    }

    /// <summary>Returns cpu or cuda.</summary>
    /// <exception cref="LibTorchException">cuda is requested, and there is no CUDA device.</exception>
    internal static string DeviceOf(string asked, bool available) =>
        (asked, available) switch
        {
            (DeviceNames.Auto, true) => DeviceNames.Cuda,
            (DeviceNames.Auto, false) => DeviceNames.Cpu,
            (DeviceNames.Cuda, false) => throw new LibTorchException(
                "device = \"cuda\", but libtorch finds no CUDA device here.",
                "Set device = \"cpu\" or \"auto\"; `gyre doctor` lists the devices."
            ),
            _ => asked,
        };
}
