using static TorchSharp.torch;

namespace Gyre.Tests.TestKit;

/// <summary>
/// Makes libtorch's default device <c>meta</c> until it is disposed: a tensor that is made without a device then holds
/// no numbers, and what computes with it fails. So code that would put a tensor onto the wrong device on a machine with
/// a GPU fails on one without.
/// </summary>
internal sealed class DefaultDevice : IDisposable
{
    private readonly Device _before = get_default_device();

    private DefaultDevice() => set_default_device(META);

    public static DefaultDevice Meta() => new();

    public void Dispose() => set_default_device(_before);
}
