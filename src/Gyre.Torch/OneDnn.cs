using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>
/// oneDNN, which libtorch gives float32 convolutions on the CPU to. Where its vector kernels leave out the channels
/// beyond the last full vector, sums are wrong by tens of percent, or hold what lay in memory before
/// (docs/decisions/0006-onednn.md); the second derivative of a convolution has samples in the place of channels, so a
/// number of samples is met too. It is tried once, when libtorch is loaded, and switched off where it fails:
/// libtorch's own convolutions are right, and several times slower. A network all of whose shapes are multiples of
/// <see cref="Vector"/> may switch it on.
/// </summary>
internal static class OneDnn
{
    /// <summary>
    /// Floats in the widest vector: a multiple of so many channels, and of so many samples, has no remainder.
    /// </summary>
    public const int Vector = 16;

    private const string GlobalContext = "_ZN2at13globalContextEv"; // at::Context& at::globalContext()

    // void at::Context::setUserEnabledMkldnn(bool)
    private const string SetOneDnn = "_ZN2at7Context20setUserEnabledMkldnnEb";
    private const string SetNnpack = "_ZN2at7Context20setUserEnabledNNPACKEb";

    private static nint _library;

    /// <summary>
    /// Whether remainders are summed right here; where they are not, oneDNN is for shapes without remainder alone.
    /// </summary>
    public static bool HandlesRemainders { get; private set; } = true;

    /// <summary>Whether float32 convolutions go to oneDNN at present.</summary>
    public static bool IsOn { get; private set; } = true;

    /// <summary>Whether it can be switched here.</summary>
    public static bool CanSwitch { get; private set; }

    /// <summary>
    /// Where remainders are not summed right: switches oneDNN on for a computation whose every convolution has channels
    /// and samples in multiples of <see cref="Vector"/>, or off for any other. It holds for the process, until the next
    /// call: a gradient must not be computed under another setting than its forward pass.
    /// </summary>
    public static void UseFor(bool noRemainder)
    {
        LibTorch.Load();
        if (!HandlesRemainders)
            Switch(noRemainder);
    }

    /// <summary>
    /// Tries it and switches it off where it fails. NNPACK is switched off anyway: it serves passes without gradients
    /// alone, which would then round otherwise than training does.
    /// </summary>
    /// <param name="library">Handle of a loaded library that exports what is needed, or depends on one that
    /// does.</param>
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
    /// Convolutions and transposed ones of few and of more channels, float32 against float64, which oneDNN leaves to
    /// others.
    /// </summary>
    internal static bool IsRight() => IsRight(4) && IsRight(20) && IsRight(40);

    private static bool IsRight(long channels)
    {
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var input = arange(2 * channels * 64, ScalarType.Float64, CPU).sin().view(2, channels, 8, 8);
        // of no regularity that errors could cancel by
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
