using Gyre.Lab.Running;

namespace Gyre.Lab.Sweeps;

/// <summary>Whether one more process has room: arithmetic alone. All in bytes.</summary>
internal static class MemoryBudget
{
    /// <summary>The most that a process is expected to take.</summary>
    /// <param name="estimate">Of the process itself, before it ran; not above 0, or NaN: none.</param>
    /// <param name="worst">Largest ratio of a peak that was reached to its estimate; below 1 nothing is corrected, for
    /// a peak may still be to come.</param>
    /// <param name="largest">Largest peak of the processes that have shown theirs; NaN: none has.</param>
    /// <returns>NaN where nothing is known.</returns>
    public static double Expected(double estimate, double worst, double largest) =>
        estimate > 0 ? estimate * Math.Max(1, worst) : largest;

    /// <summary>
    /// What running processes will still grow by, each to what is expected of it or to the peak it has had already.
    /// </summary>
    public static double Growth(IEnumerable<(ChildMemory Now, double Expected)> running) =>
        running.Sum(child =>
            Math.Max(
                0,
                Math.Max(child.Now.Peak, double.IsNaN(child.Expected) ? 0 : child.Expected) - child.Now.Resident
            )
        );

    /// <summary>Whether one more has room.</summary>
    /// <param name="available">What is free now.</param>
    /// <param name="growth">Of it, what the running ones will still take.</param>
    /// <param name="expected">Of the one more; NaN has none.</param>
    public static bool Allows(double available, double growth, double expected) => expected <= available - growth;

    /// <summary>How many such processes have room at once: at least one, whatever the memory.</summary>
    public static int AtOnce(double available, double expected, int jobs) =>
        expected > 0 ? (int)Math.Clamp(Math.Floor(available / expected), 1, jobs) : jobs;
}
