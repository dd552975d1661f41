using System.Diagnostics;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.Lab.Running;

/// <summary>How a child process ended.</summary>
/// <param name="ExitCode">0 if done, 2 for wrong input by the user, 130 if interrupted; anything else is a
/// failure.</param>
/// <param name="LastLines">The last lines it wrote to standard error or output.</param>
internal sealed record ChildEnd(int ExitCode, IReadOnlyList<string> LastLines)
{
    /// <summary>The process id that it had.</summary>
    public int Process { get; init; }

    /// <summary>Why it died, in words, including the signal if there was one.</summary>
    public string Reason =>
        ExitCode switch
        {
            134 => "it was aborted (SIGABRT): usually an error inside libtorch",
            137 => "it was killed (SIGKILL): by a user, or by the operating system because memory ran out (lower "
                + "objective.chunk, "
                + "objective.cache_mb or data.memory_mb), or because no more processes or "
                + "threads may be started (`ulimit -u`)",
            139 => "it crashed (SIGSEGV): usually an error inside libtorch",
            143 => "it was terminated (SIGTERM)",
            > 128 and < 160 => $"it died by signal {ExitCode - 128}",
            _ => $"it ended with exit code {ExitCode}",
        };
}

/// <summary>
/// A run in its own process, because libtorch can abort a process, and two of its users in one process can corrupt
/// memory. Parent and child share the run folder's files, an exit code, and standard input: the parent writes the
/// resolved spec to it and keeps it open. When it closes, by request or because the parent died, the child writes a
/// checkpoint and exits.
/// </summary>
internal sealed class ChildRun : IDisposable
{
    /// <summary>The line after the spec on the child's standard input.</summary>
    public const string EndOfSpec = "--- end of spec ---";

    /// <summary>Option of a child, before the folder: the folder of an earlier attempt to resume from.</summary>
    public const string After = "--after";

    private const int LinesKept = 40;

    private readonly Process _process;
    private readonly Queue<string> _words = new();
    private readonly Lock _lock = new();

    private ChildRun(Process process) => _process = process;

    /// <summary>Whether it is still running.</summary>
    public bool Running => !_process.HasExited;

    public int Id => _process.Id;

    /// <summary>Starts the child.</summary>
    /// <param name="program">The executable and the arguments that make it run a child; the folder is
    /// appended.</param>
    /// <param name="spec">The resolved spec.</param>
    /// <param name="folder">The run folder.</param>
    /// <exception cref="RunFolderException">The process cannot be started.</exception>
    public static ChildRun Start(IReadOnlyList<string> program, RunSpec spec, RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(folder);
        var start = new ProcessStartInfo(program[0], [.. program.Skip(1), Path.GetFullPath(folder.Path)])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true, // only the parent uses the terminal
            UseShellExecute = false,
        };
        // Fewer collections: each may finalize tensors while libtorch works (docs/decisions/0002-native-memory.md).
        start.Environment["DOTNET_GCgen0size"] = "0x10000000";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        // UCX lies below some MPI libraries; its signal handlers would replace those that .NET depends on.
        start.Environment["UCX_HANDLE_ERRORS"] = "none";
        try
        {
            var child = new ChildRun(Process.Start(start)!);
            child.Begin(spec);
            return child;
        }
        catch (Exception error) when (error is System.ComponentModel.Win32Exception or IOException)
        {
            throw new RunFolderException(
                $"The process for {folder.Path} cannot be started: {error.Message.TrimEnd('.')}. If "
                    + "resources are unavailable, "
                    + "allow more processes (`ulimit -u`), or end others.",
                error
            );
        }
    }

    /// <summary>Requests a checkpoint and an exit.</summary>
    public void Stop()
    {
        try
        {
            _process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has exited already.
        }
    }

    /// <summary>Kills it at once; the folder stays resumable.</summary>
    public void Kill() => _process.Kill(entireProcessTree: true);

    /// <summary>Waits for the process to exit, up to the given timeout.</summary>
    public bool Wait(TimeSpan atMost) => _process.WaitForExit(atMost);

    /// <summary>Returns how it ended; call it when the process no longer runs.</summary>
    public ChildEnd End()
    {
        _process.WaitForExit();
        lock (_lock)
            return new ChildEnd(_process.ExitCode, [.. _words]) { Process = _process.Id };
    }

    /// <summary>Releases the process; if it is still running, it writes a checkpoint and exits.</summary>
    public void Dispose()
    {
        if (Running)
            Stop();
        _process.Dispose();
    }

    private void Begin(RunSpec spec)
    {
        _process.ErrorDataReceived += (_, said) => Remember(said.Data);
        _process.OutputDataReceived += (_, said) => Remember(said.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        try
        {
            _process.StandardInput.Write(SpecText.Write(spec));
            _process.StandardInput.WriteLine(EndOfSpec);
            _process.StandardInput.Flush();
        }
        catch (IOException)
        {
            // It died at once; its end gives the reason.
        }
    }

    /// <summary>
    /// Whether a line is a warning of libtorch, such as "[W1128 10:07:39 Context.cpp:87] Warning: ...". A device
    /// without a deterministic kernel warns at every call, and the last lines should be about the end.
    /// </summary>
    private static bool IsWarning(string line) =>
        line.StartsWith("[W", StringComparison.Ordinal) && line.Contains("] Warning:", StringComparison.Ordinal);

    private void Remember(string? line)
    {
        if (line is null || IsWarning(line))
            return;
        lock (_lock)
        {
            _words.Enqueue(PlainText.Escape(line)); // a user's module may print anything
            if (_words.Count > LinesKept)
                _words.Dequeue();
        }
    }
}
