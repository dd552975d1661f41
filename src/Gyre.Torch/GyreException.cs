namespace Gyre.Torch;

/// <summary>
/// Base of every exception whose message is written for a user: it says what is wrong, where, and what to do. Anything
/// else that reaches the top of a program is a fault of the program.
/// </summary>
public abstract class GyreException : Exception
{
    /// <summary>
    /// Exit code of a program that ends by it: 2, something in the input is wrong; 3, something else failed.
    /// </summary>
    public virtual int ExitCode => 2;

    /// <summary>Creates an exception without a message of its own.</summary>
    protected GyreException() { }

    /// <summary>Creates an exception.</summary>
    /// <param name="message">For users.</param>
    protected GyreException(string message)
        : base(message) { }

    /// <summary>Creates an exception.</summary>
    /// <param name="message">For users.</param>
    /// <param name="inner">What caused it.</param>
    protected GyreException(string message, Exception? inner)
        : base(message, inner) { }
}
