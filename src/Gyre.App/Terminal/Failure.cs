using Gyre.Torch;

namespace Gyre.App.Terminal;

/// <summary>Turns a failure into a message on standard error and an exit code.</summary>
internal static class Failure
{
    private const string MemoryCure =
        "Lower objective.cache_mb (the result stays the same) or objective.chunk. "
        + "Only its author can change the memory that a network in a file uses itself.";

    /// <summary>Reports a failure.</summary>
    /// <param name="error">The exception.</param>
    /// <param name="arguments">The whole command.</param>
    /// <returns>The exit code.</returns>
    public static int Report(Exception error, string[] arguments)
    {
        var (code, message) = error switch
        {
            GyreException known => (known.ExitCode, known.Message),
            _ when MemoryFault.TryFind(error) is { } fault => (
                Exit.Failed,
                $"There is not enough memory:  {fault.Message}.\n{MemoryCure}"
            ),
            _ => (
                Exit.Failed,
                $"{error.GetType().Name}: {error.Message}\nThis is a bug in Gyre. The same command with "
                    + "--verbose shows where it occurred; please report it."
            ),
        };
        return Say(code, message, error, arguments);
    }

    /// <summary>Prints a message; with --verbose also the exception with its stack trace.</summary>
    /// <returns>The given exit code.</returns>
    public static int Say(int code, string message, Exception error, string[] arguments)
    {
        // A word of several lines is printed as one, like all text that could control a terminal.
        Console.Error.WriteLine(
            PlainText.Message(
                arguments
                    .Where(word => word.Contains('\n', StringComparison.Ordinal))
                    .Aggregate(
                        message,
                        (text, word) => text.Replace(word, PlainText.Line(word), StringComparison.Ordinal)
                    )
            )
        );
        if (arguments.Contains("--verbose"))
            Console.Error.WriteLine(error);
        return code;
    }
}
