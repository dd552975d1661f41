using Gyre.Lab.RunFiles;
using Gyre.Torch;

namespace Gyre.Lab.Specs;

/// <summary>The environment of a run as in environment.json: program, machine, engine.</summary>
internal static class RunEnvironment
{
    /// <summary>Version of the program, with the commit if the build recorded it.</summary>
    public static string Version { get; } =
        typeof(RunEnvironment)
            .Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyInformationalVersionAttribute), false)
            .OfType<System.Reflection.AssemblyInformationalVersionAttribute>()
            .FirstOrDefault()
            ?.InformationalVersion
        ?? "unknown";

    /// <summary>Returns the environment of this process.</summary>
    /// <param name="spec">The spec as run, with a device of this machine.</param>
    /// <param name="asWritten">The spec as in the folder.</param>
    /// <param name="engine">The loaded engine.</param>
    /// <param name="commandLine">The command line.</param>
    /// <param name="time">The clock.</param>
    internal static EnvironmentRecord Describe(
        RunSpec spec,
        string asWritten,
        LibTorchInfo engine,
        string commandLine,
        TimeProvider time
    ) =>
        new(
            RunFolder.Format,
            Version,
            Environment.Version.ToString(),
            System.Runtime.InteropServices.RuntimeInformation.OSDescription,
            Environment.ProcessorCount,
            spec.Threads,
            spec.Device,
            engine.Version,
            engine.Folder,
            engine.Patched,
            commandLine,
            spec.Seed,
            time.GetUtcNow()
        )
        {
            SpecId = SpecText.Id(SpecReader.ReadText(asWritten)),
            DeviceName = spec.Device == DeviceNames.Cuda ? Cuda.DeviceName : null,
            Tf32 = spec.Device == DeviceNames.Cuda ? spec.Tf32 : null,
        };
}
