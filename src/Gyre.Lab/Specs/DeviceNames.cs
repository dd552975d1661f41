namespace Gyre.Lab.Specs;

/// <summary>Where tensors live, as a spec names it.</summary>
internal static class DeviceNames
{
    /// <summary>The processor.</summary>
    public const string Cpu = "cpu";

    /// <summary>A CUDA device.</summary>
    public const string Cuda = "cuda";

    /// <summary>CUDA where there is a device, else the processor.</summary>
    public const string Auto = "auto";
}
