using System.Diagnostics;

namespace Gyre.Tests.Engine;

/// <summary>
/// Runs one test of this assembly in a process of its own, for what ends a process or happens once in its life.
/// </summary>
internal static class ChildProcess
{
    /// <summary>Environment variable with which a parent tells its child what to do.</summary>
    public const string Request = "GYRE_TEST_REQUEST";

    /// <summary>Environment variable that names the file in which the child answers.</summary>
    public const string Answer = "GYRE_TEST_ANSWER";

    public static Outcome Run(Type type, string method, IReadOnlyDictionary<string, string?> environment)
    {
        using var process = Start(type, method, environment);
        return Finish(process);
    }

    public static Process Start(Type type, string method, IReadOnlyDictionary<string, string?> environment)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet")
            start.ArgumentList.Add(type.Assembly.Location);
        foreach (var argument in new[] { "-method", $"{type.FullName}.{method}" })
            start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    public static Outcome Finish(Process process)
    {
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new Outcome(process.ExitCode, output + error.Result);
    }

    internal sealed record Outcome(int ExitCode, string Text);
}
