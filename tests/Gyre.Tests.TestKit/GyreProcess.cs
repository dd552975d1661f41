using System.Diagnostics;
using System.Text;

namespace Gyre.Tests.TestKit;

/// <summary>The built program as a user runs it: a process with its own output and exit code.</summary>
public sealed class GyreProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(6);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly Task _output;
    private readonly Task<string> _error;

    private GyreProcess(Process process)
    {
        _process = process;
        _output = ListenAsync(process.StandardOutput);
        _error = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    public bool Running => !_process.HasExited;

    public static GyreProcess Start(params string[] arguments) => StartIn(Path.GetTempPath(), arguments);

    public static GyreProcess StartIn(string folder, params string[] arguments) =>
        StartIn(folder, new Dictionary<string, string>(), arguments);

    public static GyreProcess StartIn(
        string folder,
        IReadOnlyDictionary<string, string> environment,
        params string[] arguments
    ) => Start([], folder, environment, arguments);

    /// <summary>As what another program starts, once or several times.</summary>
    /// <param name="launcher">That program and its arguments.</param>
    /// <param name="environment">Added to it.</param>
    /// <param name="arguments">Of gyre.</param>
    public static GyreProcess StartUnder(
        IReadOnlyList<string> launcher,
        IReadOnlyDictionary<string, string> environment,
        params string[] arguments
    ) => Start(launcher, Path.GetTempPath(), environment, arguments);

    /// <summary>Another build of the program.</summary>
    /// <param name="program">Its gyre.dll.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="arguments">Of gyre.</param>
    public static (int ExitCode, string Output, string Error) RunOther(
        string program,
        string folder,
        params string[] arguments
    )
    {
        using var process = new GyreProcess(Process.Start(Redirected(["dotnet", program, .. arguments], folder))!);
        return process.End();
    }

    private static GyreProcess Start(
        IReadOnlyList<string> launcher,
        string folder,
        IReadOnlyDictionary<string, string> environment,
        string[] arguments
    )
    {
        // As from a terminal: a shell that starts its tests in the background has them, and what they start, ignore
        // Ctrl-C.
        string[] terminal = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT"] : [];
        string[] command =
        [
            .. terminal,
            .. launcher,
            "dotnet",
            Path.Combine(AppContext.BaseDirectory, "gyre.dll"),
            .. arguments,
        ];
        var start = Redirected(command, folder);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return new GyreProcess(Process.Start(start)!);
    }

    private static ProcessStartInfo Redirected(string[] command, string folder)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = folder,
        };
        start.Environment["COLUMNS"] = "80";
        return start;
    }

    /// <summary>
    /// As <see cref="Run"/>, with so many kilobytes for the data of each process (of the shell's <c>ulimit -d</c>):
    /// more is refused, as on a machine that has no more.
    /// </summary>
    public static (int ExitCode, string Output, string Error) RunWithMemory(int kilobytes, params string[] arguments)
    {
        string[] command =
        [
            "-c",
            $"ulimit -d {kilobytes} && exec \"$@\"",
            "sh",
            "dotnet",
            Path.Combine(AppContext.BaseDirectory, "gyre.dll"),
            .. arguments,
        ];
        var start = new ProcessStartInfo("sh", command)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        using var process = new GyreProcess(Process.Start(start)!);
        return process.End();
    }

    public static (int ExitCode, string Output, string Error) Run(params string[] arguments)
    {
        using var process = Start(arguments);
        return process.End();
    }

    public static (int ExitCode, string Output, string Error) RunIn(string folder, params string[] arguments)
    {
        using var process = StartIn(folder, arguments);
        return process.End();
    }

    public static (int ExitCode, string Output, string Error) RunIn(
        string folder,
        IReadOnlyDictionary<string, string> environment,
        params string[] arguments
    )
    {
        using var process = StartIn(folder, environment, arguments);
        return process.End();
    }

    /// <summary>Waits until a pattern is in what it has written so far, and returns the match's first group.</summary>
    public string Wait(string pattern)
    {
        var patience = Stopwatch.StartNew();
        while (patience.Elapsed < Patience)
        {
            if (System.Text.RegularExpressions.Regex.Match(Said(), pattern) is { Success: true } match)
                return match.Groups[1].Value;
            if (!Running)
                throw new InvalidOperationException($"gyre ended: {Said()}{_error.Result}");
            Thread.Sleep(20);
        }
        throw new TimeoutException($"gyre did not say {pattern} within {Patience}: {Said()}");
    }

    public (int ExitCode, string Output, string Error) End()
    {
        if (!_process.WaitForExit(Patience))
        {
            _process.Kill(entireProcessTree: true);
            throw new TimeoutException($"gyre did not end within {Patience}.");
        }
        _output.Wait();
        return (_process.ExitCode, Said(), _error.Result);
    }

    /// <summary>Sends a signal by name, such as KILL or INT, to a process.</summary>
    public static void Signal(int process, string name)
    {
        using var kill = Process.Start(
            "kill",
            [$"-{name}", process.ToString(System.Globalization.CultureInfo.InvariantCulture)]
        );
        kill.WaitForExit();
    }

    /// <summary>The processes whose parent is this one.</summary>
    public IReadOnlyList<int> Children() => ChildrenOf(_process.Id);

    /// <summary>The processes that it and those below it have started, and that still run.</summary>
    public IReadOnlyList<int> Descendants()
    {
        var all = new List<int>(Children());
        for (var i = 0; i < all.Count; i++)
            all.AddRange(ChildrenOf(all[i]));
        return all;
    }

    private static List<int> ChildrenOf(int process)
    {
        var children = new List<int>();
        foreach (
            var folder in Directory
                .EnumerateDirectories("/proc")
                .Where(path => int.TryParse(Path.GetFileName(path), out _))
        )
        {
            try
            {
                var fields = File.ReadAllText(Path.Combine(folder, "stat"));
                var afterName = fields[(fields.LastIndexOf(')') + 2)..].Split(' ');
                if (int.Parse(afterName[1], System.Globalization.CultureInfo.InvariantCulture) == process)
                    children.Add(
                        int.Parse(Path.GetFileName(folder), System.Globalization.CultureInfo.InvariantCulture)
                    );
            }
            catch (IOException)
            {
                // It ended while we looked.
            }
        }
        return children;
    }

    /// <summary>What it has written to standard output so far.</summary>
    public string Said()
    {
        lock (_said)
            return _said.ToString();
    }

    private async Task ListenAsync(StreamReader reader)
    {
        var letters = new char[4096];
        for (int read; (read = await reader.ReadAsync(letters).ConfigureAwait(false)) > 0; )
        {
            lock (_said)
                _said.Append(letters, 0, read);
        }
    }

    public void Dispose()
    {
        if (Running)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
