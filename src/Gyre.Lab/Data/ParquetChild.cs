using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace Gyre.Lab.Data;

/// <summary>
/// Reads Parquet in a child process with time and memory limits, so that no file can hang or crash this process. The
/// child runs the same program. Inside another program, which cannot be started this way, the file is read in the
/// current process.
/// </summary>
internal static class ParquetChild
{
    /// <summary>The child's command, before the path and its time limit in seconds.</summary>
    public const string Name = "parquet-child";

    private const int Killed = 137;

    /// <summary>The child's exit code if it exceeded its time limit.</summary>
    public const int TooLong = 124;

    private const int LeastSeconds = 20;
    private const int BytesASecond = 1 << 20;
    private const int Grace = 5;
    private const long LeastMemory = 1L << 30;
    private const int MemoryAByte = 64;

    /// <summary>
    /// This program: host and assembly if run by `dotnet`, otherwise the executable; null inside another program.
    /// </summary>
    public static IReadOnlyList<string>? Program
    {
        get
        {
            if (Assembly.GetEntryAssembly()?.GetName().Name != "gyre")
                return null;
            var host = Environment.ProcessPath!;
            var assembly = Path.Combine(AppContext.BaseDirectory, "gyre.dll");
            return Path.GetFileNameWithoutExtension(host) == "dotnet" ? [host, assembly] : [host];
        }
    }

    /// <summary>Returns the columns of a file.</summary>
    /// <exception cref="DataException">The file cannot be read, or not within the limits.</exception>
    internal static TableContent Read(string path)
    {
        UserFile.CheckRegular(path);
        return Program is { } program ? Apart(program, path) : ParquetTable.Read(path);
    }

    private static TableContent Apart(IReadOnlyList<string> program, string path)
    {
        var bytes = new FileInfo(path).Length;
        var seconds = LeastSeconds + (int)(bytes / BytesASecond);
        var start = new ProcessStartInfo(
            program[0],
            [.. program.Skip(1), Name, path, seconds.ToString(CultureInfo.InvariantCulture)]
        )
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        var memory = LeastMemory + MemoryAByte * bytes;
        start.Environment["DOTNET_GCHeapHardLimit"] = $"0x{memory:x}";
        try
        {
            using var child = Process.Start(start)!;
            // The child exits by itself at its time limit; this kills a child that cannot.
            var longest = TimeSpan.FromSeconds(seconds + Grace);
            using var patience = new Timer(_ => Kill(child), null, longest, Timeout.InfiniteTimeSpan);
            return Answer(child, path, seconds, memory);
        }
        catch (Win32Exception error)
        {
            var shown = UserFile.Shown(path, UserFile.PathLetters);
            throw new DataException($"The process that reads {shown} cannot be started: {error.Message}", error);
        }
    }

    private static TableContent Answer(Process child, string path, int seconds, long memory)
    {
        var said = child.StandardError.ReadToEndAsync();
        var table = Written(child, path);
        child.WaitForExit();
        if (table is not null && child.ExitCode == 0)
            return table;
        if (child.ExitCode == 2)
            throw new DataException(said.Result.Trim());
        var why = child.ExitCode switch
        {
            TooLong => $"did not finish within {seconds} seconds",
            Killed => $"was killed, because it did not finish within {seconds} seconds or memory ran out",
            _ => $"ended with exit code {child.ExitCode}; its memory limit is {memory >> 20} MiB",
        };
        var shown = UserFile.Shown(path, UserFile.PathLetters);
        throw new DataException(
            $"{shown} cannot be read as Parquet: its reader {why}. Download or save the file again."
        );
    }

    private static TableContent? Written(Process child, string path)
    {
        try
        {
            using var stream = new BufferedStream(child.StandardOutput.BaseStream, 1 << 16);
            return ParquetTable.ReadWritten(path, stream);
        }
        catch (EndOfStreamException)
        {
            return null; // the exit code gives the reason
        }
    }

    private static void Kill(Process child)
    {
        try
        {
            child.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has already exited.
        }
    }
}
