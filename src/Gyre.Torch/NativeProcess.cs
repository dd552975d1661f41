namespace Gyre.Torch;

/// <summary>This process, beside libtorch: how it ends while libtorch is at work, and what it may take.</summary>
internal static class NativeProcess
{
    /// <summary>
    /// Ends the process at once, though other threads are inside libtorch: the usual way out waits for its static
    /// objects, which those
    /// threads still use.
    /// </summary>
    /// <param name="exitCode">For the parent.</param>
    public static void End(int exitCode)
    {
        if (!Glibc.EndProcess(exitCode))
            Environment.Exit(exitCode);
    }

    /// <summary>
    /// Limits the memory for data that the process may take in all, where the system can; allocations beyond it fail.
    /// </summary>
    /// <param name="bytes">Above 0.</param>
    /// <returns>Whether it is limited.</returns>
    public static bool LimitData(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        return Glibc.LimitData(bytes);
    }
}
