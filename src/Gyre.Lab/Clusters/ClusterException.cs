using Gyre.Torch;

namespace Gyre.Lab.Clusters;

/// <summary>A cluster that is not there, or refuses; the message says what it said and what to do.</summary>
internal sealed class ClusterException : GyreException
{
    /// <summary>Makes the exception with the sentences a user reads.</summary>
    public ClusterException(string message, Exception? inner = null)
        : base(message, inner) { }
}
