using System.Diagnostics;
using System.Text.RegularExpressions;
using Gyre.App.Terminal;
using Gyre.Lab.Models;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.App.Processes;

/// <summary>
/// Loads a spec's TorchScript file in a child process before this program, or a run, loads it: a damaged file can end
/// the process
/// inside libtorch, and is then one sentence here.
/// </summary>
internal static partial class ModuleCheck
{
    private const int LongestReason = 240;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Checks the file of a spec that has one, and says whose code it is.</summary>
    /// <param name="spec">Resolved.</param>
    /// <param name="stop">Ends the child.</param>
    /// <exception cref="ModelException">It cannot be loaded.</exception>
    public static void Require(RunSpec spec, CancellationToken stop = default)
    {
        if (spec.Model.File.Length == 0)
            return;
        ConsoleLine.Warn(
            $"{spec.Model.File} is TorchScript: it runs code of its author, with your rights (SECURITY.md)."
        );
        Require(spec.Model.File, spec.Model.Trusted, stop);
        if (spec.Model.Trusted && TorchScriptFile.Findings(spec.Model.File) is [_, ..] findings)
        {
            ConsoleLine.Warn(
                $"It is trusted (model.trusted) to do more than compute: {TorchScriptFile.Listed(findings)}. "
                    + "What it keeps to itself is in no checkpoint: a run that is resumed may then end with "
                    + "other numbers."
            );
        }
    }

    private static void Require(string file, bool trusted, CancellationToken stop)
    {
        string[] options = [.. trusted ? (string[])[ModuleChild.Trusted] : [], Path.GetFullPath(file)];
        var program = ChildProgram.GetCommandLine(ModuleChild.Name, verbose: false, options);
        var start = new ProcessStartInfo(program[0], program[1..])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        using var child = Process.Start(start)!;
        var words = child.StandardError.ReadToEndAsync(CancellationToken.None);
        // read, so that the child never waits
        var nothing = child.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var begun = TimeProvider.System.GetTimestamp();
        while (
            !child.WaitForExit(Look)
            && !stop.IsCancellationRequested
            && TimeProvider.System.GetElapsedTime(begun) < Patience
        ) { }
        if (!child.HasExited)
        {
            child.Kill(entireProcessTree: true);
            stop.ThrowIfCancellationRequested();
            throw new ModelException(
                $"{file} is not loaded after {Patience.TotalMinutes:0} minutes. It is damaged, or its code "
                    + "does not end; save it again."
            );
        }
        stop.ThrowIfCancellationRequested();
        Task.WaitAll([words, nothing], CancellationToken.None);
        if (child.ExitCode == Exit.Done)
            return;
        throw new ModelException(
            child.ExitCode == Exit.WrongInput ? words.Result.Trim() : Ended(file, child.ExitCode, words.Result)
        );
    }

    private static string Ended(string file, int code, string words)
    {
        var reason = UncaughtMessage().Match(words) is { Success: true } match
            ? PlainText.Line(match.Groups[1].Value.Trim())
            : new ChildEnd(code, []).Reason;
        reason = reason.Length > LongestReason ? reason[..LongestReason] + "…" : reason;
        return $"{file} cannot be loaded: it ends the process inside libtorch ({reason}). It is damaged, or not what "
            + $"libtorch writes; save it again. {ModelFile.HowToExport}";
    }

    /// <summary>The first line of the message that the C++ runtime prints for an uncaught exception.</summary>
    [GeneratedRegex(@"what\(\):\s*([^\n]+)")]
    private static partial Regex UncaughtMessage();
}
