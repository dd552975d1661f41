namespace Gyre.Lab.Specs;

/// <summary>The names of devices in specs.</summary>
internal static class DeviceNames
{
    /// <summary>The processor.</summary>
    public const string Cpu = "cpu";

    /// <summary>A CUDA device.</summary>
    public const string Cuda = "cuda";

    /// <summary>CUDA if there is a device, otherwise the processor.</summary>
    public const string Auto = "auto";
}
