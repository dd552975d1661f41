namespace Gyre.Torch;

/// <summary>
/// Represents an error whose message is written for a user: it states the fault, its place and the action to take.
/// Any other exception that reaches the top of a program is a fault of the program.
/// </summary>
public abstract class GyreException : Exception
{
    /// <summary>
    /// The exit code of a program that ends with this exception: 2 if the input is wrong, 3 if anything else failed.
    /// </summary>
    public virtual int ExitCode => 2;

    /// <summary>Creates an exception without a message of its own.</summary>
    protected GyreException() { }

    /// <summary>Creates an exception with a message.</summary>
    /// <param name="message">The message for the user, in whole sentences.</param>
    protected GyreException(string message)
        : base(message) { }

    /// <summary>Creates an exception with a message and a cause.</summary>
    /// <param name="message">The message for the user, in whole sentences.</param>
    /// <param name="inner">The cause, if there is one.</param>
    protected GyreException(string message, Exception? inner)
        : base(message, inner) { }
}
