using Gyre.Torch;

namespace Gyre.Lab.Data;

/// <summary>Thrown if data cannot be used. The message names the file, the problem and the fix.</summary>
internal sealed class DataException : GyreException
{
    /// <summary>
    /// Creates the exception with sentences for users; long ones are cut, and control characters are escaped.
    /// </summary>
    public DataException(string message, Exception? inner = null)
        : base(UserFile.Message(message), inner) { }
}
