using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>Compares the shape, dtype and device of two tensors, not their content.</summary>
internal static class TensorKind
{
    /// <summary>
    /// Describes how <paramref name="actual"/> differs from <paramref name="expected"/>; null if it does not.
    /// </summary>
    public static string? Mismatch(Tensor? actual, Tensor expected)
    {
        if (actual is null)
            return "there is none";
        if (!actual.shape.AsSpan().SequenceEqual(expected.shape))
            return $"shape {ShapeText(actual.shape)} instead of {ShapeText(expected.shape)}";
        if (actual.dtype != expected.dtype)
            return $"dtype {actual.dtype} instead of {expected.dtype}";
        return actual.device_type != expected.device_type || actual.device_index != expected.device_index
            ? $"device {actual.device} instead of {expected.device}"
            : null;
    }

    /// <summary>Formats a shape in the usual notation, such as [200, 784].</summary>
    public static string ShapeText(ReadOnlySpan<long> shape) => $"[{string.Join(", ", shape.ToArray())}]";
}
