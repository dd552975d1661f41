using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>Holds what a run needs against what there is, before it begins.</summary>
internal static class RunNeeds
{
    /// <summary>Refuses a run that cannot be done here.</summary>
    /// <param name="setup">Made.</param>
    /// <param name="folder">Of the run; what it holds already is counted as free.</param>
    /// <returns>What it needs of memory.</returns>
    /// <exception cref="SpecException">Memory or disk cannot suffice; with the key and a value that fits.</exception>
    public static MemoryNeed Require(RunSetup setup, RunFolder folder)
    {
        var (need, disk) = (Estimate(setup), new DiskNeed(setup.Spec, setup.Objective.Layout.Dimension));
        var full = DiskNeed.Refusal([disk], FreeDisk(folder.Path) + Written(folder.Path), folder.Path);
        var memory = need.Mistakes(FreeMemory(setup.Objective.Layout.Device));
        IReadOnlyList<SpecMistake> mistakes = full is null ? memory : [.. memory, full];
        return mistakes.Count == 0 ? need : throw new SpecException(mistakes);
    }

    /// <summary>Refuses what cannot be measured here, whatever is written.</summary>
    /// <exception cref="SpecException">Memory cannot suffice.</exception>
    public static void RequireMemory(RunSetup setup)
    {
        if (Estimate(setup).Mistakes(FreeMemory(setup.Objective.Layout.Device)) is { Count: > 0 } mistakes)
            throw new SpecException(mistakes);
    }

    /// <summary>Bytes free where a folder lies, or will lie; infinite where nobody says.</summary>
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

    /// <summary>Bytes of the files in a folder; 0 where there is none.</summary>
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
            // another process works there: it is not for this one to say that there is no room
            return double.PositiveInfinity;
        }
    }

    private static MemoryNeed Estimate(RunSetup setup) =>
        new(setup.Spec, setup.Objective.Layout.Dimension, setup.Objective.Samples, SampleGraph(setup));

    private static double FreeMemory(Device device) =>
        device.type == TorchSharp.DeviceType.CPU
            ? MachineMemory.Available()
            : NativeMemory.FreeBytes(device) ?? double.PositiveInfinity;

    /// <summary>Of graphs of two sizes, the difference a sample; NaN of a run that measures nothing, whose graphs are
    /// smaller. A module from a file runs on the chunks it is given and no others; libtorch keeps what it frees on a
    /// device, so that nothing can be told there.</summary>
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
