namespace Gyre.Lab.Running;

/// <summary>Formats byte counts for people.</summary>
internal static class ByteSize
{
    /// <summary>Formats a count such as "3.4 GB", "120 MB" or "7 kB".</summary>
    public static string Format(double bytes) =>
        bytes switch
        {
            >= 1e9 => FormattableString.Invariant($"{bytes / 1e9:0.0} GB"),
            >= 1e6 => FormattableString.Invariant($"{bytes / 1e6:0} MB"),
            _ => FormattableString.Invariant($"{Math.Ceiling(bytes / 1e3):0} kB"),
        };
}
