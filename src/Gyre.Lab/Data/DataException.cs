using Gyre.Torch;

namespace Gyre.Lab.Data;

/// <summary>Data that cannot be used; the message names the file, the fault and the cure.</summary>
internal sealed class DataException : GyreException
{
    /// <summary>
    /// Makes the exception with the sentences a user reads, cut where they are long and with control characters
    /// escaped.
    /// </summary>
    public DataException(string message, Exception? inner = null)
        : base(UserFile.Message(message), inner) { }
}
