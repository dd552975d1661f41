using Gyre.Torch;

namespace Gyre.Lab.Trajectories;

/// <summary>
/// The exception that is thrown when a checkpoint cannot be measured. The message names it and says what to do.
/// </summary>
internal sealed class TrajectoryException : GyreException
{
    public TrajectoryException(string message, Exception? inner = null)
        : base(message, inner) { }
}
