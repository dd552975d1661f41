using Gyre.Torch;

namespace Gyre.Lab.Inspection;

/// <summary>An inspection that cannot be made; the message says why and what to do.</summary>
internal sealed class InspectionException : GyreException
{
    /// <summary>Makes the exception with the sentences a user reads.</summary>
    public InspectionException(string message, Exception? inner = null)
        : base(message, inner) { }
}
