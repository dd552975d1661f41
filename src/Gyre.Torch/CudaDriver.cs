using System.Runtime.InteropServices;
using System.Text;

namespace Gyre.Torch;

/// <summary>A graphics processor as its driver describes it.</summary>
/// <param name="Name">Such as NVIDIA H100 80GB HBM3.</param>
/// <param name="Bytes">Of its memory.</param>
/// <param name="Capability">Compute capability, such as 9.0.</param>
internal sealed record CudaDevice(string Name, long Bytes, string Capability);

/// <summary>
/// The driver of NVIDIA's devices, asked directly: libtorch says neither what a device is called nor how much of its
/// memory is used. Nothing of CUDA's toolkit is needed for it.
/// </summary>
internal sealed unsafe class CudaDriver
{
    private const int MajorCapability = 75; // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, and MINOR after it
    private const int Success = 0;

    private static readonly Lazy<CudaDriver?> Found = new(() =>
        TryLoad(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1")
    );

    private readonly nint _library;

    private CudaDriver(nint library, int version) => (_library, Version) = (library, version);

    /// <summary>The driver of this machine; null where there is none, or none that starts.</summary>
    public static CudaDriver? Here => Found.Value;

    /// <summary>Newest CUDA that it serves: 1000·major + 10·minor.</summary>
    public int Version { get; }

    /// <summary><see cref="Version"/> as people write it.</summary>
    public string VersionText => FormattableString.Invariant($"{Version / 1000}.{Version % 1000 / 10}");

    /// <summary>
    /// Loads a driver library and starts it. Null where it is not there, lacks a function or refuses, as in a container
    /// without a device.
    /// </summary>
    public static CudaDriver? TryLoad(string name)
    {
        if (!NativeLibrary.TryLoad(name, out var library))
            return null;
        try
        {
            int version;
            var init = (delegate* unmanaged<uint, int>)NativeLibrary.GetExport(library, "cuInit");
            var ask = (delegate* unmanaged<int*, int>)NativeLibrary.GetExport(library, "cuDriverGetVersion");
            return init(0) == Success && ask(&version) == Success ? new CudaDriver(library, version) : null;
        }
        catch (EntryPointNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Every device that the driver shows this process (CUDA_VISIBLE_DEVICES hides others).</summary>
    public IReadOnlyList<CudaDevice> Devices()
    {
        int count;
        if (((delegate* unmanaged<int*, int>)Export("cuDeviceGetCount"))(&count) != Success)
            return [];
        var devices = new List<CudaDevice>();
        for (var i = 0; i < count; i++)
        {
            if (Describe(i) is { } device)
                devices.Add(device);
        }
        return devices;
    }

    /// <summary>
    /// Bytes of a device's memory that are in use, by this process or another; null where the driver does not say.
    /// libtorch keeps what it has freed, so that this only rises while a process runs. It costs a call to the driver,
    /// some 10 µs.
    /// </summary>
    public long? UsedBytes(int ordinal) => Memory(ordinal) is { } memory ? memory.Total - memory.Free : null;

    /// <summary>Bytes of a device's memory that nobody has; null where the driver does not say.</summary>
    public long? FreeBytes(int ordinal) => Memory(ordinal)?.Free;

    private (long Free, long Total)? Memory(int ordinal)
    {
        nint context,
            popped;
        nuint free,
            total;
        int device;
        var get = (delegate* unmanaged<int*, int, int>)Export("cuDeviceGet");
        var retain = (delegate* unmanaged<nint*, int, int>)Export("cuDevicePrimaryCtxRetain");
        var push = (delegate* unmanaged<nint, int>)Export("cuCtxPushCurrent_v2");
        var pop = (delegate* unmanaged<nint*, int>)Export("cuCtxPopCurrent_v2");
        var ask = (delegate* unmanaged<nuint*, nuint*, int>)Export("cuMemGetInfo_v2");
        var release = (delegate* unmanaged<int, int>)Export("cuDevicePrimaryCtxRelease_v2");
        // The context that libtorch computes in: retained once more for the question, not made anew.
        if (get(&device, ordinal) != Success || retain(&context, device) != Success)
            return null;
        (long, long)? said = null;
        if (push(context) == Success)
        {
            said = ask(&free, &total) == Success ? ((long)free, (long)total) : null;
            _ = pop(&popped);
        }
        _ = release(device);
        return said;
    }

    private CudaDevice? Describe(int ordinal)
    {
        int device,
            major,
            minor;
        nuint bytes;
        var name = stackalloc byte[256];
        var attribute = (delegate* unmanaged<int*, int, int, int>)Export("cuDeviceGetAttribute");
        if (
            ((delegate* unmanaged<int*, int, int>)Export("cuDeviceGet"))(&device, ordinal) != Success
            || ((delegate* unmanaged<byte*, int, int, int>)Export("cuDeviceGetName"))(name, 256, device) != Success
            || ((delegate* unmanaged<nuint*, int, int>)Export("cuDeviceTotalMem_v2"))(&bytes, device) != Success
            || attribute(&major, MajorCapability, device) != Success
            || attribute(&minor, MajorCapability + 1, device) != Success
        )
            return null;
        return new CudaDevice(
            Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name)),
            (long)bytes,
            FormattableString.Invariant($"{major}.{minor}")
        );
    }

    private nint Export(string name) => NativeLibrary.GetExport(_library, name);
}
