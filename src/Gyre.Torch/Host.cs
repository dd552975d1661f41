using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>
/// Numbers brought from where they were computed to the host: the one way by which other rooms read a tensor. A read
/// waits until the device has done everything it was given, so reads are few, several numbers are stacked
/// and read together, and they are counted. TorchSharp's own <c>item</c> and <c>data</c> refuse tensors that do not lie
/// on the CPU.
/// </summary>
internal static class Host
{
    private static long _reads;

    /// <summary>Reads so far in this process.</summary>
    public static long Reads => Interlocked.Read(ref _reads);

    /// <summary>The number of a tensor with one element, in float64. One read.</summary>
    public static double Number(Tensor value) =>
        Numbers(value) is [var number]
            ? number
            : throw new ArgumentException("The tensor has more elements than one, or none.", nameof(value));

    /// <summary>All numbers of a tensor, in float64, row by row. One read.</summary>
    public static double[] Numbers(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Interlocked.Increment(ref _reads);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return CopyFromHost(values.to(ScalarType.Float64).cpu());
    }

    /// <summary>
    /// All numbers of a tensor that lies on the host, in float64: nothing is waited for, and nothing counted.
    /// </summary>
    /// <exception cref="InvalidOperationException">It lies on a device.</exception>
    public static double[] CopyFromHost(Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        return MemoryMarshal.Cast<byte, double>(values.detach().to(ScalarType.Float64).contiguous().bytes).ToArray();
    }
}
