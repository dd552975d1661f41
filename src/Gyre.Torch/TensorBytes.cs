using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>Transfers the bytes of whole tensors to and from files.</summary>
internal static class TensorBytes
{
    private const int PieceBytes = 1 << 26;

    /// <summary>Reads or writes one piece.</summary>
    public delegate void PieceAction(Span<byte> bytes);

    /// <summary>
    /// Visits a tensor's memory in row-major order, in pieces that fit into a span. The pieces are the tensor's own
    /// memory if it is contiguous and on the CPU, and a copy otherwise.
    /// </summary>
    /// <param name="tensor">The tensor, on any device, with any strides.</param>
    /// <param name="use">Receives each piece, in order; not called for an empty tensor.</param>
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
