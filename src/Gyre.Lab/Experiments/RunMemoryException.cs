using System.Globalization;
using Gyre.Lab.Interventions;
using Gyre.Lab.Runs;
using Gyre.Torch;

namespace Gyre.Lab.Experiments;

/// <summary>Memory ran out: a clear end of this run. The folder is whole, and the message says how the run goes on with less.</summary>
public sealed class RunMemoryException : Exception
{
    /// <summary>Exit code of a child that ended so: the same command would end so again.</summary>
    public const int ExitCode = 6;

    /// <summary>Makes the exception.</summary>
    /// <param name="spec">Of the run.</param>
    /// <param name="folder">Of the run.</param>
    /// <param name="fault">What ran out.</param>
    /// <param name="inner">What libtorch threw.</param>
    public RunMemoryException(RunSpec spec, RunFolder folder, MemoryFault fault, Exception inner) : base(MessageOf(spec, folder, fault), inner)
    {
    }

    /// <summary>What happened, and the two ways on: a smaller cache changes no result, a smaller chunk rounds otherwise and is another run.</summary>
    internal static string MessageOf(RunSpec spec, RunFolder folder, MemoryFault fault)
    {
        ArgumentNullException.ThrowIfNull(spec);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(fault);
        var text = new StringWriter(CultureInfo.InvariantCulture);
        text.WriteLine($"{(fault.Place == MemoryPlace.Device ? "The memory of the device" : "The memory of this machine")} does not suffice for the run: {fault.Words}.");
        if (folder.Status == RunStatus.Missing)
        {
            text.Write("Nothing was written. Take fewer samples (data.samples) or a smaller network; data.memory_mb = 0 reads samples from the disk in every step.");
            return text.ToString();
        }
        var keeps = spec.Objective.CacheMegabytes > 0 && (spec.Curvature.Every > 0 || spec.Curvature.EveryTime > 0 || spec.Intervention.Name != InterventionCatalog.None);
        var steps = Checkpoints.Steps(folder);
        text.WriteLine($"{folder.Path} is whole up to {(steps.Count > 0 ? $"the checkpoint of step {steps[0]}" : "its last line")}. {(keeps ? "Two ways on:" : "It goes on so:")}");
        var step = steps.FirstOrDefault(one => one < spec.Training.Steps); // a fork has a step of its own
        if (keeps)
            text.WriteLine($"  --set objective.cache_mb={spec.Objective.CacheMegabytes / 4} with the same command: the same run goes on, keeps fewer graphs, and takes longer.");
        text.Write($"  {OtherChunk(spec, folder, step)}: smaller chunks, another run{(step > 0 ? $" that goes on from step {step}" : "")}, whose sums round otherwise.");
        return text.ToString();
    }

    private static string OtherChunk(RunSpec spec, RunFolder folder, long step)
    {
        var chunk = Math.Max(1, Math.Min(spec.Objective.Chunk, spec.Data.Samples > 0 ? spec.Data.Samples : spec.Objective.Chunk) / 4);
        var command = $"gyre run {folder.Spec} --out {Path.GetDirectoryName(Path.GetFullPath(folder.Path))} --set objective.chunk={chunk}";
        return step == 0 ? command : $"{command} --set fork.parent={Path.GetFileName(Path.GetFullPath(folder.Path))} --set fork.step={step} --set fork.other_chunk=true";
    }
}
