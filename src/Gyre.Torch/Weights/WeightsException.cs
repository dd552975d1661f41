namespace Gyre.Torch.Weights;

/// <summary>
/// Thrown if a weight file cannot be used: it is damaged, of another kind, or has contents that cannot be read. The
/// message names the file, the fault and what to do.
/// </summary>
internal sealed class WeightsException : GyreException
{
    /// <summary>Creates the exception with a message for the user.</summary>
    public WeightsException(string message, Exception? inner = null)
        : base(message, inner) { }
}
