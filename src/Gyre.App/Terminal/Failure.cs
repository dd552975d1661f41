using Gyre.Torch;

namespace Gyre.App.Terminal;

/// <summary>Turns a failure into a message on standard error and an exit code.</summary>
internal static class Failure
{
    private const string MemoryCure =
        "Set objective.cache_mb lower (the result stays the same), or objective.chunk. "
        + "What a module of a file takes of its own is its author's to change.";

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
                $"Memory does not suffice: {fault.Message}.\n{MemoryCure}"
            ),
            _ => (
                Exit.Failed,
                $"{error.GetType().Name}: {error.Message}\nThis should not happen. The same command with "
                    + "--verbose shows where it arose."
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
