using System.Runtime.InteropServices;
using System.Text;

namespace Gyre.Torch;

/// <summary>A graphics processor, as its driver describes it.</summary>
/// <param name="Name">The device's name, such as NVIDIA H100 80GB HBM3.</param>
/// <param name="Bytes">The size of its memory.</param>
/// <param name="Capability">Its compute capability, such as 9.0.</param>
internal sealed record CudaDevice(string Name, long Bytes, string Capability);

/// <summary>
/// Queries the driver of NVIDIA's devices directly: libtorch reports neither a device's name nor how much of its
/// memory is in use. It needs no part of the CUDA toolkit.
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

    /// <summary>The driver of this machine; null if there is none, or none that can be initialized.</summary>
    public static CudaDriver? Here => Found.Value;

    /// <summary>The newest CUDA version that the driver supports, as 1000·major + 10·minor.</summary>
    public int Version { get; }

    /// <summary><see cref="Version"/> in the usual notation, such as 12.4.</summary>
    public string VersionText => FormattableString.Invariant($"{Version / 1000}.{Version % 1000 / 10}");

    /// <summary>
    /// Loads a driver library and initializes it. Returns null if the library is missing, lacks a function or fails
    /// to initialize, as in a container without a device.
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

    /// <summary>Returns every device that is visible to this process (CUDA_VISIBLE_DEVICES hides others).</summary>
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
    /// Returns the bytes of a device's memory that are in use, by this process or another; null if the driver does
    /// not report it. libtorch keeps the memory it has freed, so the value only rises while a process runs. Costs one
    /// call to the driver, about 10 µs.
    /// </summary>
    public long? UsedBytes(int ordinal) => Memory(ordinal) is { } memory ? memory.Total - memory.Free : null;

    /// <summary>
    /// Returns the bytes of a device's memory that are free; null if the driver does not report it.
    /// </summary>
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
        // This is the context that libtorch computes in, retained once more for the query rather than created again.
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
