namespace Gyre.Torch;

/// <summary>Controls how this process ends while libtorch is at work, and how much memory it may use.</summary>
internal static class NativeProcess
{
    /// <summary>
    /// Ends the process immediately, even if other threads are inside libtorch. A normal exit destroys libtorch's
    /// static objects, which those threads still use.
    /// </summary>
    /// <param name="exitCode">The exit code reported to the parent process.</param>
    public static void End(int exitCode)
    {
        if (!Glibc.EndProcess(exitCode))
            Environment.Exit(exitCode);
    }

    /// <summary>
    /// Limits the total memory for data that the process may use, if the system supports it; allocations beyond it
    /// fail.
    /// </summary>
    /// <param name="bytes">The limit; above 0.</param>
    /// <returns>Whether the limit was set.</returns>
    public static bool LimitData(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        return Glibc.LimitData(bytes);
    }
}
