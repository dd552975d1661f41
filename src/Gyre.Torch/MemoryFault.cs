using System.Globalization;
using System.Text.RegularExpressions;

namespace Gyre.Torch;

/// <summary>The memory that ran out.</summary>
internal enum MemoryPlace
{
    /// <summary>The memory of the machine.</summary>
    Host,

    /// <summary>The memory of a CUDA device.</summary>
    Device,
}

/// <summary>
/// A failed allocation, recognized by libtorch's message, because its exceptions have no types of their own here.
/// </summary>
/// <param name="Place">The memory that ran out.</param>
/// <param name="Message">libtorch's message, on one line.</param>
internal sealed partial record MemoryFault(MemoryPlace Place, string Message)
{
    /// <summary>Returns the memory fault behind an exception; null if its cause is something else.</summary>
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

    /// <summary>The number of bytes requested; null if the message does not contain it.</summary>
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
    /// Matches messages of the caching allocator, with the requested size, and of CUDA's libraries, which take memory
    /// of their own.
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
