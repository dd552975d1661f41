using static TorchSharp.torch;

namespace Gyre.Lab.DeviceChecks;

/// <summary>One thing that must be true of the instrument on a device, whatever the device computes with.</summary>
/// <param name="Name">In a word or two.</param>
/// <param name="Claim">What is compared with what.</param>
/// <param name="Tolerance">Largest error at which it holds.</param>
/// <param name="Measure">The error on a device; its tensors are released by the caller's dispose scope.</param>
internal sealed record DeviceCheck(string Name, string Claim, double Tolerance, Func<Device, double> Measure)
{
    /// <summary>
    /// Measures, and turns whatever goes wrong into an outcome: the other checks are still worth having.
    /// </summary>
    /// <param name="device">Of the tensors.</param>
    /// <param name="time">For how long it took.</param>
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

/// <summary>What came of a check.</summary>
/// <param name="Check">Which.</param>
/// <param name="Error">Measured; NaN where it could not be.</param>
/// <param name="Seconds">It took.</param>
/// <param name="Fault">Why it could not be measured; null where it was.</param>
internal sealed record CheckOutcome(DeviceCheck Check, double Error, double Seconds, string? Fault)
{
    /// <summary>Whether the error is within the tolerance.</summary>
    public bool Passed => Fault is null && Error <= Check.Tolerance; // NaN is not
}

/// <summary>
/// The core of the correctness suite, for a device that the tests did not run on: every check stands against something
/// that the device did not compute (a difference quotient, a dense matrix on the host, a closed form) or against
/// itself.
/// A new check is one method and one line here.
/// </summary>
internal static class CheckCatalog
{
    /// <summary>Every check, in the order in which a person would look.</summary>
    public static IReadOnlyList<DeviceCheck> All { get; } =
    [.. PrecisionChecks.All, .. DerivativeChecks.All, .. SpectralChecks.All, .. NetworkChecks.All, .. RunChecks.All];
}
