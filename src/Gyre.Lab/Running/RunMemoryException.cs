using System.Globalization;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.Lab.Running;

/// <summary>
/// The exception that is thrown when memory runs out. It ends the run cleanly: the folder is intact, and the message
/// says how the run continues with less memory.
/// </summary>
internal sealed class RunMemoryException : GyreException
{
    /// <summary>Exit code of a child that ended this way; the same command would end the same way.</summary>
    public const int ChildExitCode = 6;

    /// <inheritdoc/>
    public override int ExitCode => 3;

    /// <param name="spec">The spec of the run.</param>
    /// <param name="folder">The run folder.</param>
    /// <param name="fault">The memory that ran out.</param>
    /// <param name="inner">The exception that libtorch threw.</param>
    /// <param name="need">The memory that the run needs; null if it is not known yet.</param>
    public RunMemoryException(
        RunSpec spec,
        RunFolder folder,
        MemoryFault fault,
        Exception inner,
        MemoryNeed? need = null
    )
        : base(MessageOf(spec, folder, fault, need), inner) { }

    /// <summary>
    /// Returns what happened, which part was too large, and how to continue. A smaller cache changes no result. A
    /// smaller chunk rounds differently, and a smaller basis takes different products, so each of them is another
    /// run.
    /// </summary>
    internal static string MessageOf(RunSpec spec, RunFolder folder, MemoryFault fault, MemoryNeed? need = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(fault);
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine(
            $"{(fault.Place == MemoryPlace.Device ? "The memory of the device" : "The memory of this machine")} "
                + $"is not enough for the run: {fault.Message}."
        );
        if (folder.Status == RunStatus.Missing)
        {
            text.Write(
                "Nothing was written. Use fewer samples (data.samples) or a smaller network; data.memory_mb "
                    + "= 0 reads samples from disk in every step."
            );
            return text.ToString();
        }
        var part = need?.Asking(fault.RequestedBytes);
        if (part is { } large)
            text.WriteLine($"Too large is {MemoryNeed.KeyOf(large)}: {need!.Described(large)}.");
        var steps = Checkpoints.Steps(folder);
        // a fork needs a step of its own
        var ways = Ways(spec, folder, part, need, steps.FirstOrDefault(one => one < spec.Training.Steps)).ToArray();
        text.WriteLine(
            $"{folder.Path} is complete up to "
                + $"{(steps.Count > 0 ? $"the checkpoint of step {steps[0]}" : "its last line")}. "
                + $"{(ways.Length > 1 ? "Two ways to continue:" : "To continue:")}"
        );
        text.Write(string.Join(Environment.NewLine, ways.Select(way => $"  {way}")));
        return text.ToString();
    }

    private static IEnumerable<string> Ways(
        RunSpec spec,
        RunFolder folder,
        MemoryPart? part,
        MemoryNeed? need,
        long step
    )
    {
        var free = part is null ? double.NaN : MachineMemory.Available();
        if (part == MemoryPart.Basis)
        {
            yield return $"{Again(folder)} --set curvature.basis={need!.Less(MemoryPart.Basis, free)}: fewer Krylov "
                + "vectors and more products; this is another run, from the start.";
            yield break;
        }
        if (spec.Objective.CacheMegabytes > 0 && MemoryNeed.MeasuresAnything(spec))
            yield return "--set "
                + $"objective.cache_mb={need?.Less(MemoryPart.Graphs, free) ?? spec.Objective.CacheMegabytes / 4} "
                + "with the same command: the same run resumes with fewer graphs, and takes longer.";
        yield return $"{OtherChunk(spec, folder, step)}: smaller chunks; this is another "
            + $"run{(step > 0 ? $" that goes on from step {step}" : "")}, whose sums round differently.";
    }

    private static string OtherChunk(RunSpec spec, RunFolder folder, long step)
    {
        var chunk = Math.Max(
            1,
            Math.Min(spec.Objective.Chunk, spec.Data.Samples > 0 ? spec.Data.Samples : spec.Objective.Chunk) / 4
        );
        var command = $"{Again(folder)} --set objective.chunk={chunk}";
        return step == 0
            ? command
            : $"{command} --set fork.parent={Path.GetFileName(Path.GetFullPath(folder.Path))} --set "
                + $"fork.step={step} --set fork.other_chunk=true";
    }

    private static string Again(RunFolder folder) =>
        $"gyre run {folder.Spec} --out {Path.GetDirectoryName(Path.GetFullPath(folder.Path))}";
}
