using System.Diagnostics;
using System.Text.RegularExpressions;
using Gyre.App.Terminal;
using Gyre.Lab.Models;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Torch;
using Gyre.Torch.Exported;

namespace Gyre.App.Processes;

/// <summary>
/// Loads the file of a spec's module in a child process before this program, or a run, loads it. A damaged file can
/// end the process inside libtorch; here this results in an error message.
/// </summary>
internal static partial class ModuleCheck
{
    private const int LongestReason = 240;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Checks the file of a spec that has one, and reports what kind of code it contains.</summary>
    /// <param name="spec">The resolved spec.</param>
    /// <param name="stop">Ends the child process.</param>
    /// <exception cref="ModelException">The file cannot be loaded.</exception>
    public static void Require(RunSpec spec, CancellationToken stop = default)
    {
        if (spec.Model.File.Length == 0)
            return;
        if (spec.Model.Name == ModelNames.Exported)
            RequireExported(spec.Model, stop);
        else
            RequireScript(spec.Model, stop);
    }

    private static void RequireScript(ModelSpec model, CancellationToken stop)
    {
        ConsoleLine.Warn($"{model.File} is TorchScript: the code in it runs with your permissions (SECURITY.md).");
        Require(model.File, model.Trusted ? [ModuleChild.Trusted] : [], _ => null, stop);
        if (model.Trusted && TorchScriptFile.Findings(model.File) is [_, ..] findings)
        {
            ConsoleLine.Warn(
                $"It is trusted (model.trusted) although it does more than compute: {TorchScriptFile.Listed(findings)}. "
                    + "Checkpoints do not contain its internal state, so a resumed run may end with "
                    + "other numbers."
            );
        }
    }

    private static void RequireExported(ModelSpec model, CancellationToken stop)
    {
        var program = ExportedProgram.Open(model.File, model.Output);
        Require(model.File, [ModuleChild.Output + model.Output], program.FindNode, stop);
        var calls = $"{program.Nodes} {Counted.Noun(program.Nodes, "call")}";
        ConsoleLine.Warn(
            $"{model.File} is an exported program of PyTorch {program.TorchVersion}: {calls}; none of it runs as code."
        );
    }

    /// <param name="file">The module's file.</param>
    /// <param name="options">Options for the child process.</param>
    /// <param name="findNode">Finds the place in the module that libtorch's last output refers to.</param>
    /// <param name="stop">Ends the child process.</param>
    private static void Require(string file, string[] options, Func<string, string?> findNode, CancellationToken stop)
    {
        var program = ChildProgram.GetCommandLine(
            ModuleChild.Name,
            verbose: false,
            [.. options, Path.GetFullPath(file)]
        );
        var start = new ProcessStartInfo(program[0], program[1..])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        };
        using var child = Process.Start(start)!;
        var words = child.StandardError.ReadToEndAsync(CancellationToken.None);
        // drained, so that the child never blocks
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
                $"{file} did not load within {Patience.TotalMinutes:0} minutes. It is damaged, or its code "
                    + "does not terminate; save it again."
            );
        }
        stop.ThrowIfCancellationRequested();
        Task.WaitAll([words, nothing], CancellationToken.None);
        if (child.ExitCode == Exit.Done)
            return;
        throw new ModelException(
            child.ExitCode == Exit.WrongInput
                ? words.Result.Trim()
                : Ended(file, child.ExitCode, words.Result, findNode)
        );
    }

    private static string Ended(string file, int code, string words, Func<string, string?> findNode)
    {
        var reason = UncaughtMessage().Match(words) is { Success: true } match
            ? PlainText.Line(match.Groups[1].Value.Trim())
            : new ChildEnd(code, []).Reason;
        reason = reason.Length > LongestReason ? reason[..LongestReason] + "…" : reason;
        if (findNode(words) is { } node)
            return $"{file} cannot be compiled by libtorch: the call of {node} does not match its operator ({reason}).";
        return $"{file} cannot be loaded: libtorch crashes while loading it ({reason}). It is damaged, or was not written "
            + $"by libtorch; save it again. {ModelFile.HowToExport}";
    }

    /// <summary>The first line of the message that the C++ runtime prints for an uncaught exception.</summary>
    [GeneratedRegex(@"what\(\):\s*([^\n]+)")]
    private static partial Regex UncaughtMessage();
}
