using Gyre.Torch;

namespace Gyre.Lab.Inspection;

/// <summary>Thrown if an inspection is impossible; the message gives the reason and the remedy.</summary>
internal sealed class InspectionException : GyreException
{
    /// <summary>Creates the exception with the message that users read.</summary>
    public InspectionException(string message, Exception? inner = null)
        : base(message, inner) { }
}
