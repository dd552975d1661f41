using static TorchSharp.torch;

namespace Gyre.Lab.DeviceChecks;

/// <summary>A property of the instrument that must hold on every device.</summary>
/// <param name="Name">One or two words.</param>
/// <param name="Claim">The quantities compared.</param>
/// <param name="Tolerance">The largest error that passes.</param>
/// <param name="Measure">Returns the error on a device; the caller's dispose scope releases its tensors.</param>
internal sealed record DeviceCheck(string Name, string Claim, double Tolerance, Func<Device, double> Measure)
{
    /// <summary>
    /// Measures the error, and turns any exception into an outcome, since the other checks are still useful.
    /// </summary>
    /// <param name="device">The device of the tensors.</param>
    /// <param name="time">The clock for the duration.</param>
    public CheckOutcome Run(Device device, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var began = time.GetTimestamp();
        try
        {
            using var scope = NewDisposeScope();
            var error = Measure(device);
            return new CheckOutcome(this, error, time.GetElapsedTime(began).TotalSeconds, null);
        }
        catch (Exception fault)
        {
            return new CheckOutcome(
                this,
                double.NaN,
                time.GetElapsedTime(began).TotalSeconds,
                $"{fault.GetType().Name}: {fault.Message.ReplaceLineEndings(" ")}"
            );
        }
    }
}

/// <summary>The outcome of a check.</summary>
/// <param name="Check">The check.</param>
/// <param name="Error">The measured error; NaN if it could not be measured.</param>
/// <param name="Seconds">The duration.</param>
/// <param name="Fault">The reason why the error could not be measured; null if it was measured.</param>
internal sealed record CheckOutcome(DeviceCheck Check, double Error, double Seconds, string? Fault)
{
    /// <summary>Whether the error is within the tolerance.</summary>
    public bool Passed => Fault is null && Error <= Check.Tolerance; // NaN fails
}

/// <summary>
/// The core of the correctness suite, for devices on which the tests did not run. Every check compares with something
/// that the device did not compute (a difference quotient, a dense matrix on the host, a closed form) or with a
/// repetition. A new check is one method and one line here.
/// </summary>
internal static class CheckCatalog
{
    /// <summary>Every check, in the order in which a person would look at them.</summary>
    public static IReadOnlyList<DeviceCheck> All { get; } =
    [.. PrecisionChecks.All, .. DerivativeChecks.All, .. SpectralChecks.All, .. NetworkChecks.All, .. RunChecks.All];
}
