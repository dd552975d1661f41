using Gyre.Torch;

namespace Gyre.Lab.Trajectories;

/// <summary>A checkpoint that cannot be measured; the message names it, and what to do.</summary>
internal sealed class TrajectoryException : GyreException
{
    /// <summary>Creates the exception with the sentences a user reads.</summary>
    public TrajectoryException(string message, Exception? inner = null)
        : base(message, inner) { }
}
