using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>
/// Copies numbers from the place where they were computed to the host: the only way in which other projects read a
/// tensor. A read waits until the device has finished all the work it was given. Reads are therefore few and counted,
/// and several numbers are stacked and read together. TorchSharp's own <c>item</c> and <c>data</c> reject tensors
/// that are not on the CPU.
/// </summary>
internal static class Host
{
    private static long _reads;

    /// <summary>The number of reads so far in this process.</summary>
    public static long Reads => Interlocked.Read(ref _reads);

    /// <summary>Returns the number of a tensor with one element, in float64. Costs one read.</summary>
    public static double Number(Tensor value) =>
        Numbers(value) is [var number]
            ? number
            : throw new ArgumentException("The tensor does not have exactly one element.", nameof(value));

    /// <summary>Returns all numbers of a tensor, in float64, row by row. Costs one read.</summary>
    public static double[] Numbers(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Interlocked.Increment(ref _reads);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return CopyFromHost(values.to(ScalarType.Float64).cpu());
    }

    /// <summary>
    /// Returns all numbers of a tensor that is on the host, in float64. It neither waits for anything nor counts as a
    /// read.
    /// </summary>
    /// <exception cref="InvalidOperationException">The tensor is on a device.</exception>
    public static double[] CopyFromHost(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, double>(values.detach().to(ScalarType.Float64).contiguous().bytes).ToArray();
    }
}
