using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>Compares what a run needs with what is available, before it begins.</summary>
internal static class RunNeeds
{
    /// <summary>Refuses a run that cannot be done here.</summary>
    /// <param name="setup">The setup of the run.</param>
    /// <param name="folder">The run folder; what it already contains counts as free.</param>
    /// <returns>The memory that it needs.</returns>
    /// <exception cref="SpecException">Memory or disk space is insufficient; the message gives the key and a value
    /// that fits.</exception>
    public static MemoryNeed Require(RunSetup setup, RunFolder folder)
    {
        var (need, disk) = (Estimate(setup), new DiskNeed(setup.Spec, setup.Objective.Layout.Dimension));
        var full = DiskNeed.Refusal([disk], FreeDisk(folder.Path) + Written(folder.Path), folder.Path);
        var memory = need.Mistakes(FreeMemory(setup.Objective.Layout.Device));
        IReadOnlyList<SpecMistake> mistakes = full is null ? memory : [.. memory, full];
        return mistakes.Count == 0 ? need : throw new SpecException(mistakes);
    }

    /// <summary>Refuses a run that cannot be measured here for lack of memory, whatever is written to disk.</summary>
    /// <exception cref="SpecException">Memory is insufficient.</exception>
    public static void RequireMemory(RunSetup setup)
    {
        if (Estimate(setup).Mistakes(FreeMemory(setup.Objective.Layout.Device)) is { Count: > 0 } mistakes)
            throw new SpecException(mistakes);
    }

    /// <summary>Returns the bytes free where a folder is, or will be; infinite if unknown.</summary>
    public static double FreeDisk(string path)
    {
        var place = Path.GetFullPath(path);
        while (!Directory.Exists(place) && Path.GetDirectoryName(place) is { } above)
            place = above;
        try
        {
            var drive = new DriveInfo(place);
            return drive.TotalSize > 0 ? drive.AvailableFreeSpace : double.PositiveInfinity;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return double.PositiveInfinity;
        }
    }

    /// <summary>Returns the bytes of the files in a folder; 0 if there is no folder.</summary>
    public static double Written(string path)
    {
        try
        {
            return Directory.Exists(path)
                ? new DirectoryInfo(path)
                    .EnumerateFiles("*", SearchOption.AllDirectories)
                    .Sum(file => (double)file.Length)
                : 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // another process works there, so this one must not conclude that there is no room
            return double.PositiveInfinity;
        }
    }

    private static MemoryNeed Estimate(RunSetup setup) =>
        new(setup.Spec, setup.Objective.Layout.Dimension, setup.Objective.Samples, SampleGraph(setup));

    private static double FreeMemory(Device device) =>
        device.type == TorchSharp.DeviceType.CPU
            ? MachineMemory.Available()
            : NativeMemory.FreeBytes(device) ?? double.PositiveInfinity;

    /// <summary>
    /// Returns the bytes of a graph per sample, from the difference between graphs of two sizes; NaN for a run that
    /// measures nothing, because its graphs are smaller. Also NaN for a module from a file, which accepts only the
    /// chunks that it is given, and on a device, where libtorch keeps freed memory and nothing can be measured.
    /// </summary>
    private static double SampleGraph(RunSetup setup)
    {
        var measurable =
            MemoryNeed.MeasuresAnything(setup.Spec)
            && setup.Spec.Model.File.Length == 0
            && setup.Objective.Layout.Device.type == TorchSharp.DeviceType.CPU
            && NativeMemory.IsExact;
        if (!measurable || setup.Objective.Samples < GraphSize.FewSamples)
            return double.NaN;
        using var state = new ModuleState(setup.Model);
        return GraphSize.BytesPerSample(setup.Objective);
    }
}
