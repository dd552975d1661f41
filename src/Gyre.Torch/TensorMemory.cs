using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>Where a tensor's numbers lie.</summary>
internal static class TensorMemory
{
    /// <summary>
    /// Address of the tensor's first number, on its device; null for types that no parameter has in earnest.
    /// </summary>
    public static long? AddressOf(Tensor tensor) =>
        tensor.dtype switch
        {
            ScalarType.Float32 => Address<float>(tensor),
            ScalarType.Float64 => Address<double>(tensor),
            ScalarType.Int64 => Address<long>(tensor),
            ScalarType.Int32 => Address<int>(tensor),
            ScalarType.Float16 or ScalarType.BFloat16 when tensor.device_type == TorchSharp.DeviceType.CPU =>
                AddressOfBytes(tensor),
            _ => null,
        };

    /// <summary>TorchSharp has no storage of such types.</summary>
    private static unsafe long AddressOfBytes(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        fixed (byte* first = tensor.detach().as_strided([1], [1], tensor.storage_offset()).bytes)
            return (long)first;
    }

    /// <summary>
    /// T must be the tensor's own type: of any other, TorchSharp gives the storage of a converted copy.
    /// </summary>
    private static long Address<T>(Tensor tensor)
        where T : unmanaged
    {
        using var scope = NewDisposeScope();
        return tensor.storage<T>().data_ptr() + tensor.storage_offset() * tensor.ElementSize;
    }
}
