using Gyre.Torch;

namespace Gyre.Lab.Landscape;

/// <summary>A landscape that cannot be drawn; the message says why and what to do.</summary>
internal sealed class LandscapeException : GyreException
{
    /// <summary>Makes the exception with the sentences a user reads.</summary>
    public LandscapeException(string message, Exception? inner = null)
        : base(message, inner) { }
}
