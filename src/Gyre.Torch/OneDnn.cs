using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>
/// Tests and switches oneDNN, the library that computes libtorch's float32 convolutions on the CPU. On some machines
/// its vector kernels leave out the channels beyond the last full vector, and sums are wrong by tens of percent or
/// contain earlier contents of memory (docs/decisions/0006-onednn.md). In the second derivative of a convolution,
/// samples take the place of channels, so the number of samples matters too. oneDNN is tested once, when libtorch is
/// loaded, and switched off if it fails: libtorch's own convolutions are right, but several times slower. A network
/// whose shapes are all multiples of <see cref="Vector"/> may switch it on.
/// </summary>
internal static class OneDnn
{
    /// <summary>
    /// The number of floats in the widest vector: if the numbers of channels and of samples are multiples of it,
    /// there is no remainder.
    /// </summary>
    public const int Vector = 16;

    private const string GlobalContext = "_ZN2at13globalContextEv"; // at::Context& at::globalContext()

    // void at::Context::setUserEnabledMkldnn(bool)
    private const string SetOneDnn = "_ZN2at7Context20setUserEnabledMkldnnEb";
    private const string SetNnpack = "_ZN2at7Context20setUserEnabledNNPACKEb";

    private static nint _library;

    /// <summary>
    /// Whether remainders are summed correctly here. If not, oneDNN is used only for shapes without a remainder.
    /// </summary>
    public static bool HandlesRemainders { get; private set; } = true;

    /// <summary>Whether float32 convolutions currently use oneDNN.</summary>
    public static bool IsOn { get; private set; } = true;

    /// <summary>Whether oneDNN can be switched on and off here.</summary>
    public static bool CanSwitch { get; private set; }

    /// <summary>
    /// Switches oneDNN on for a computation in which every convolution has channels and samples in multiples of
    /// <see cref="Vector"/>, or off for any other. Does nothing if remainders are summed correctly. The setting holds
    /// for the process until the next call: a gradient must be computed under the same setting as its forward pass.
    /// </summary>
    public static void UseFor(bool noRemainder)
    {
        LibTorch.Load();
        if (!HandlesRemainders)
            Switch(noRemainder);
    }

    /// <summary>
    /// Tests oneDNN and switches it off if it fails. NNPACK is always switched off: it serves only passes without
    /// gradients, which would then round differently from training.
    /// </summary>
    /// <param name="library">The handle of a loaded library that exports the required functions, or that depends on
    /// one that does.</param>
    internal static void Test(nint library)
    {
        _library = library;
        var known = OperatingSystem.IsLinux() && RuntimeInformation.ProcessArchitecture == Architecture.X64;
        CanSwitch = known && Call(SetNnpack, false);
        HandlesRemainders = IsRight();
        if (!HandlesRemainders)
            Switch(false);
    }

    /// <summary>
    /// Compares float32 convolutions and transposed convolutions of 4, 20 and 40 channels with float64, which oneDNN
    /// does not compute.
    /// </summary>
    internal static bool IsRight() => IsRight(4) && IsRight(20) && IsRight(40);

    private static bool IsRight(long channels)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var input = arange(2 * channels * 64, ScalarType.Float64, CPU).sin().view(2, channels, 8, 8);
        // The weights are irregular, so that errors cannot cancel.
        var weight = arange(channels * 16 * 9, ScalarType.Float64, CPU).square().cos().view(16, channels, 3, 3);
        Tensor Convolved(ScalarType dtype) =>
            nn.functional.conv2d(input.to(dtype), weight.to(dtype), padding: [1, 1]).to(ScalarType.Float64);
        Tensor Transposed(ScalarType dtype) =>
            nn
                .functional.conv_transpose2d(
                    input.to(dtype),
                    weight.view(channels, 16, 3, 3).to(dtype),
                    padding: [1, 1]
                )
                .to(ScalarType.Float64);
        return Near(Convolved(ScalarType.Float32), Convolved(ScalarType.Float64))
            && Near(Transposed(ScalarType.Float32), Transposed(ScalarType.Float64));
    }

    private static bool Near(Tensor value, Tensor truth) =>
        Host.Number((value - truth).abs().max()) <= 1e-4 * Host.Number(truth.abs().max()); // NaN is not near

    private static void Switch(bool on)
    {
        if (CanSwitch && Call(SetOneDnn, on))
            IsOn = on;
    }

    private static unsafe bool Call(string setter, bool on)
    {
        if (
            !NativeLibrary.TryGetExport(_library, GlobalContext, out var context)
            || !NativeLibrary.TryGetExport(_library, setter, out var set)
        )
            return false;
        ((delegate* unmanaged<nint, byte, void>)set)(((delegate* unmanaged<nint>)context)(), on ? (byte)1 : (byte)0);
        return true;
    }
}
