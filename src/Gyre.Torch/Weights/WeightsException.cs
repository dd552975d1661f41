namespace Gyre.Torch.Weights;

/// <summary>
/// A file of weights that cannot be used: damaged, of another kind, or with what is not read; the message names the
/// file, the fault and what to do.
/// </summary>
internal sealed class WeightsException : GyreException
{
    /// <summary>Makes the exception with the sentences a user reads.</summary>
    public WeightsException(string message, Exception? inner = null)
        : base(message, inner) { }
}
