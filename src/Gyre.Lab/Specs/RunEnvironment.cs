using Gyre.Lab.RunFiles;
using Gyre.Torch;

namespace Gyre.Lab.Specs;

/// <summary>What a run runs on, as environment.json says it: the program, the machine, the engine.</summary>
internal static class RunEnvironment
{
    /// <summary>Version of the program, with the commit where the build knew it.</summary>
    public static string Version { get; } =
        typeof(RunEnvironment)
            .Assembly.GetCustomAttributes(typeof(System.Reflection.AssemblyInformationalVersionAttribute), false)
            .OfType<System.Reflection.AssemblyInformationalVersionAttribute>()
            .FirstOrDefault()
            ?.InformationalVersion
        ?? "unknown";

    /// <summary>The environment of this process.</summary>
    /// <param name="spec">As it runs here: with a device of this machine.</param>
    /// <param name="asWritten">As the folder holds it.</param>
    /// <param name="engine">Loaded.</param>
    /// <param name="commandLine">As given.</param>
    /// <param name="time">Tells when.</param>
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
