using System.Globalization;
using Gyre.App.Terminal;
using Gyre.Lab.Data;

namespace Gyre.App.Processes;

/// <summary>
/// The child process of <see cref="ParquetChild"/>: writes a file's columns to standard output, or an error message
/// to standard error.
/// </summary>
internal static class ParquetReaderChild
{
    public static int Execute(string[] arguments)
    {
        var seconds = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        var longest = TimeSpan.FromSeconds(seconds);
        using var patience = new Timer(
            _ => Environment.Exit(ParquetChild.TooLong),
            null,
            longest,
            Timeout.InfiniteTimeSpan
        );
        using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
        ParquetTable.Write(arguments[1], output);
        return Exit.Done;
    }
}
