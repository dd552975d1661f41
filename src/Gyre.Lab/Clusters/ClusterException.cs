using Gyre.Torch;

namespace Gyre.Lab.Clusters;

/// <summary>
/// The exception that is thrown when the cluster is unavailable or refuses a request. The message quotes the cluster
/// and says what to do.
/// </summary>
internal sealed class ClusterException : GyreException
{
    public ClusterException(string message, Exception? inner = null)
        : base(message, inner) { }
}
