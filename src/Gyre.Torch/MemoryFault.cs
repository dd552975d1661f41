using System.Globalization;
using System.Text.RegularExpressions;

namespace Gyre.Torch;

/// <summary>Where memory ran out.</summary>
internal enum MemoryPlace
{
    /// <summary>The memory of the machine.</summary>
    Host,

    /// <summary>The memory of a CUDA device.</summary>
    Device,
}

/// <summary>
/// Memory that could not be had: recognised by what libtorch says, since its exceptions have no types of their own
/// here.
/// </summary>
/// <param name="Place">Which memory.</param>
/// <param name="Message">What libtorch said of it, in a line.</param>
internal sealed partial record MemoryFault(MemoryPlace Place, string Message)
{
    /// <summary>The fault behind an exception; null where it is another one.</summary>
    public static MemoryFault? TryFind(Exception? error)
    {
        for (; error is not null; error = error.InnerException)
        {
            if (error is OutOfMemoryException)
                return new MemoryFault(MemoryPlace.Host, "the runtime of the program found none");
            if (DeviceFaultPattern().Match(error.Message) is { Success: true } device)
                return new MemoryFault(MemoryPlace.Device, Line(device.Value));
            if (HostFaultPattern().Match(error.Message) is { Success: true } host)
                return new MemoryFault(MemoryPlace.Host, Line(host.Value));
        }
        return null;
    }

    /// <summary>Bytes that were asked for; null where it was not said.</summary>
    public double? RequestedBytes =>
        RequestedBytesPattern().Match(Message) is { Success: true } asked
            ? double.Parse(asked.Groups[1].Value, CultureInfo.InvariantCulture)
                * asked.Groups[2].Value switch
                {
                    "KiB" => 1 << 10,
                    "MiB" => 1 << 20,
                    "GiB" => 1 << 30,
                    _ => 1,
                }
            : null;

    private static string Line(string words) => words.ReplaceLineEndings(" ").Trim().TrimEnd('.');

    [GeneratedRegex(@"[Tt]ried to allocate ([0-9.]+) (bytes|KiB|MiB|GiB)")]
    private static partial Regex RequestedBytesPattern();

    /// <summary>
    /// Of the caching allocator, with how much was asked for; of CUDA's libraries, which take memory of their own.
    /// </summary>
    [GeneratedRegex(
        @"CUDA out of memory\.?( Tried to allocate [0-9.]+ \w+)?|CUDA error: out of memory|CU(BLAS|DNN|SOLVER|SPARSE)_STATUS_ALLOC_FAILED"
    )]
    private static partial Regex DeviceFaultPattern();

    [GeneratedRegex(
        @"DefaultCPUAllocator: (can't allocate memory|not enough memory)(: you tried to allocate \d+ bytes)?|std::bad_alloc"
    )]
    private static partial Regex HostFaultPattern();
}
