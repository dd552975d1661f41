using System.ComponentModel;
using System.Diagnostics;

namespace Gyre.Tests.TestKit;

/// <summary>
/// A Python that has PyTorch: the one that GYRE_PYTHON names, the first on PATH, or the system's. Scripts lie in
/// PyTorch/.
/// </summary>
public static class PyTorchProgram
{
    private static readonly Lazy<string?> Found = new(() =>
        new[] { Environment.GetEnvironmentVariable("GYRE_PYTHON"), "python3", "/usr/bin/python3" }.FirstOrDefault(
            HasTorch
        )
    );

    /// <summary>
    /// Runs a script of the folder PyTorch. Skips the test where no Python has PyTorch, or fails it where everything is
    /// required.
    /// </summary>
    /// <param name="script">Its name.</param>
    /// <param name="arguments">Its arguments.</param>
    public static void Run(string script, params string[] arguments)
    {
        var there = Found.Value is not null;
        Assert.True(
            there || Environment.GetEnvironmentVariable("GYRE_REQUIRE_ALL") != "1",
            "a Python with PyTorch is required here (python3-torch of Debian, or GYRE_PYTHON) and is not installed"
        );
        Assert.SkipUnless(there, "no Python with PyTorch is installed (python3-torch of Debian, or GYRE_PYTHON)");
        var path = Path.Combine(Source.Root, "tests", "Gyre.Tests.TestKit", "PyTorch", script);
        var (code, words) = Ended(Found.Value!, [path, .. arguments]);
        Assert.True(code == 0, $"{script} ended with {code}:\n{words}");
    }

    private static bool HasTorch(string? python)
    {
        try
        {
            return python is not null && Ended(python, ["-c", "import torch"]).Code == 0;
        }
        catch (Win32Exception)
        {
            return false; // no such program
        }
    }

    private static (int Code, string Words) Ended(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var child = Process.Start(start)!;
        var said = child.StandardOutput.ReadToEndAsync();
        var words = child.StandardError.ReadToEnd();
        child.WaitForExit();
        return (child.ExitCode, said.Result + words);
    }
}

/// <summary>Files that a script of PyTorch writes, once for the tests of a class.</summary>
public sealed class PyTorchFiles : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HashSet<string> _done = new(StringComparer.Ordinal);

    /// <summary>The folder into which a script has written; the script runs as <see cref="PyTorchProgram"/> says.</summary>
    public string Folder(string script)
    {
        var folder = Directory.CreateDirectory(_folder[script]).FullName;
        if (!_done.Contains(script))
            PyTorchProgram.Run(script, folder);
        _done.Add(script);
        return folder;
    }

    public void Dispose() => _folder.Dispose();
}
