using static TorchSharp.torch;

namespace Gyre.Tests.TestKit;

/// <summary>Numbers of a file that tensors lie in. One object used twice is one storage with two tensors.</summary>
internal sealed record SavedStorage(ScalarType Dtype, byte[] Bytes)
{
    /// <summary>A storage of float32.</summary>
    public SavedStorage(float[] values)
        : this(ScalarType.Float32, [.. values.SelectMany(BitConverter.GetBytes)]) { }

    /// <summary>How many numbers it holds.</summary>
    public long Elements => Bytes.Length / SizeOf(Dtype);

    /// <summary>Bytes of a number of a type.</summary>
    private static int SizeOf(ScalarType dtype) =>
        dtype switch
        {
            ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
            ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
            ScalarType.Int32 or ScalarType.Float32 => 4,
            ScalarType.Int64 or ScalarType.Float64 or ScalarType.ComplexFloat32 => 8,
            ScalarType.ComplexFloat64 => 16,
            _ => throw new ArgumentException($"{dtype} is not written.", nameof(dtype)),
        };
}

/// <summary>
/// A tensor in a storage, as PyTorch's files describe it. One record used twice is one tensor with two names.
/// </summary>
internal sealed record SavedTensor(
    SavedStorage Storage,
    long[] Shape,
    long[] Strides,
    long Offset = 0,
    bool Trained = true
)
{
    /// <summary>A matrix with a storage of its own.</summary>
    public static SavedTensor Matrix(int rows, int columns, float[] values) =>
        new(new SavedStorage(values), [rows, columns], [columns, 1]);

    /// <summary>A copy of a tensor's numbers, one after the other.</summary>
    public static SavedTensor From(Tensor tensor, bool trained = false)
    {
        using var scope = NewDisposeScope();
        var flat = tensor.detach().cpu().contiguous();
        return new(
            new SavedStorage(flat.dtype, flat.numel() == 0 ? [] : flat.bytes.ToArray()),
            flat.shape,
            flat.stride(),
            0,
            trained
        );
    }
}
