using Gyre.Torch;

namespace Gyre.Lab.Landscape;

/// <summary>Thrown if a landscape cannot be drawn; the message gives the reason and the remedy.</summary>
internal sealed class LandscapeException : GyreException
{
    /// <summary>Creates the exception with the message that users read.</summary>
    public LandscapeException(string message, Exception? inner = null)
        : base(message, inner) { }
}
