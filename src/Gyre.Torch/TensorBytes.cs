using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>The bytes of whole tensors, to and from files.</summary>
internal static class TensorBytes
{
    private const int PieceBytes = 1 << 26;

    /// <summary>Reads or writes a piece.</summary>
    public delegate void PieceAction(Span<byte> bytes);

    /// <summary>
    /// Visits a tensor's memory in row-major order, in pieces that a span can hold: the tensor's own memory if it lies so
    /// on the CPU, a copy otherwise.
    /// </summary>
    /// <param name="tensor">On any device, with any strides.</param>
    /// <param name="use">Told each piece, in order; not called for an empty tensor.</param>
    public static void EachPiece(Tensor tensor, PieceAction use)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(use);
        if (tensor.numel() == 0)
            return;
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var flat = tensor.detach().cpu().contiguous().view(-1);
        var step = PieceBytes / tensor.ElementSize;
        for (long start = 0; start < flat.shape[0]; start += step)
        {
            using var piece = flat.slice(0, start, Math.Min(start + step, flat.shape[0]), 1);
            use(piece.bytes);
        }
    }
}
