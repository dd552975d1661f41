using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Quantities;

/// <summary>A number from a record, with the ends of its error bar.</summary>
/// <param name="Value">NaN if it was not measured; it is then neither drawn nor exported.</param>
/// <param name="Low">Lower end; NaN if there is no error bar.</param>
/// <param name="High">Upper end; NaN if there is no error bar.</param>
internal readonly record struct MeasuredValue(double Value, double Low, double High)
{
    public static MeasuredValue None { get; } = new(double.NaN, double.NaN, double.NaN);

    public static implicit operator MeasuredValue(double? value) => new(value ?? double.NaN, double.NaN, double.NaN);

    /// <summary>Creates a value from the half width of its error bar.</summary>
    public static MeasuredValue From(double value, double error) => new(value, value - error, value + error);

    /// <summary>Returns 1 − overlap with the ends that the angle error bars of both measurements allow.</summary>
    public static MeasuredValue From(RotationRecord rotation) =>
        new(rotation.Rotation, 1 - rotation.OverlapHigh, 1 - rotation.OverlapLow);
}
