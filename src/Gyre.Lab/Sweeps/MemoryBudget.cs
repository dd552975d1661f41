using Gyre.Lab.Running;

namespace Gyre.Lab.Sweeps;

/// <summary>Decides whether one more process fits, by arithmetic alone. All values are in bytes.</summary>
internal static class MemoryBudget
{
    /// <summary>Returns the most memory that a process is expected to take.</summary>
    /// <param name="estimate">The estimate from before the process ran; NaN or not above 0 if there is none.</param>
    /// <param name="worst">The largest ratio of a reached peak to its estimate. A ratio below 1 corrects nothing,
    /// because a peak may still be to come.</param>
    /// <param name="largest">The largest peak of the processes that have reached theirs; NaN if none has.</param>
    /// <returns>NaN if nothing is known.</returns>
    public static double Expected(double estimate, double worst, double largest) =>
        estimate > 0 ? estimate * Math.Max(1, worst) : largest;

    /// <summary>
    /// Returns by how much the running processes will still grow, each to its expected memory or to the peak it has
    /// already had.
    /// </summary>
    public static double Growth(IEnumerable<(ChildMemory Now, double Expected)> running) =>
        running.Sum(child =>
            Math.Max(
                0,
                Math.Max(child.Now.Peak, double.IsNaN(child.Expected) ? 0 : child.Expected) - child.Now.Resident
            )
        );

    /// <summary>Returns whether one more process fits.</summary>
    /// <param name="available">The memory that is free now.</param>
    /// <param name="growth">The part of it that the running processes will still take.</param>
    /// <param name="expected">The memory that the additional process takes; NaN never fits.</param>
    public static bool Allows(double available, double growth, double expected) => expected <= available - growth;

    /// <summary>Returns how many such processes fit at once: at least one, whatever the memory.</summary>
    public static int AtOnce(double available, double expected, int jobs) =>
        expected > 0 ? (int)Math.Clamp(Math.Floor(available / expected), 1, jobs) : jobs;
}
