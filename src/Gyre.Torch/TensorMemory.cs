using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>Locates a tensor's numbers in memory.</summary>
internal static class TensorMemory
{
    /// <summary>
    /// Returns the address of the tensor's first number, on its device; null for dtypes that parameters do not have
    /// in practice.
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

    /// <summary>
    /// Finds the address through the bytes, because TorchSharp has no storage type for these dtypes.
    /// </summary>
    private static unsafe long AddressOfBytes(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var none = no_grad();
        long address = 0;
        TensorBytes.EachPiece(
            tensor.detach().as_strided([1], [1], tensor.storage_offset()),
            piece =>
            {
                fixed (byte* first = piece)
                    address = (long)first;
            }
        );
        return address;
    }

    /// <summary>
    /// Returns the address from the tensor's storage. T must be the tensor's own type: for any other, TorchSharp
    /// returns the storage of a converted copy.
    /// </summary>
    private static long Address<T>(Tensor tensor)
        where T : unmanaged
    {
        using var scope = NewDisposeScope();
        return tensor.storage<T>().data_ptr() + tensor.storage_offset() * tensor.ElementSize;
    }
}
