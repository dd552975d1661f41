using Gyre.Lab.Running;

namespace Gyre.Lab.Sweeps;

/// <summary>
/// Ensures that a sweep's processes fit into memory together. The expected memory of each comes from its calibration
/// and from what earlier processes actually took. While nothing is known, one process runs alone until it has shown
/// its peak. One process always runs, whatever the memory.
/// </summary>
/// <param name="budget">Bytes for all processes together; if not above 0, the memory of the machine.</param>
/// <param name="available">Returns the bytes that are free now; used if no budget is given.</param>
/// <param name="read">Returns the memory of a process by its id; null if it is unknown.</param>
internal sealed class SweepMemory(double budget, Func<double> available, Func<int, ChildMemory?> read)
{
    private readonly Dictionary<int, Watched> _running = [];
    private double _worst;
    private double _largest = double.NaN;

    /// <summary>Creates an instance for this machine.</summary>
    /// <param name="budget">Bytes for all processes together; if not above 0, the memory of the machine.</param>
    public static SweepMemory FromMachine(double budget = 0) =>
        new(budget, MachineMemory.Available, MachineMemory.TryReadProcess);

    /// <summary>An instance that never refuses a process.</summary>
    public static SweepMemory Endless { get; } = new(double.PositiveInfinity, () => double.PositiveInfinity, _ => null);

    /// <summary>Registers a process that was started.</summary>
    /// <param name="process">The process id.</param>
    /// <param name="estimate">The most memory that it is expected to take; NaN if unknown.</param>
    /// <param name="shown">Returns whether it has done what takes the most memory; called until it has.</param>
    public void Watch(int process, double estimate, Func<bool> shown) =>
        _running[process] = new Watched(estimate, shown);

    /// <summary>Removes a process that has ended; its peak is known as far as it was observed.</summary>
    public void Leave(int process)
    {
        if (_running.Remove(process, out var child))
            Learn(child, shown: true);
    }

    /// <summary>Reads the memory of every running process.</summary>
    public void Look()
    {
        foreach (var (process, child) in _running)
        {
            child.Now = read(process) ?? child.Now;
            child.Shown = child.Shown || child.ShownNow();
            Learn(child, child.Shown);
        }
    }

    /// <summary>Returns why one more process cannot be started now, in a few words; null if it can.</summary>
    /// <param name="estimate">The most memory that it is expected to take; NaN if unknown.</param>
    public string? Refuses(double estimate)
    {
        if (_running.Count == 0 || budget > double.MaxValue)
            return null;
        var expected = MemoryBudget.Expected(estimate, _worst, _largest);
        if (double.IsNaN(expected))
            return "one alone, until its memory use is known";
        var growth = MemoryBudget.Growth(
            _running.Values.Select(child => (child.Now, MemoryBudget.Expected(child.Estimate, _worst, _largest)))
        );
        return MemoryBudget.Allows(Room(), growth, expected) ? null : "memory, not --jobs, is the limit";
    }

    /// <summary>Returns how many processes of this size fit at once if none is running yet.</summary>
    /// <param name="bytes">Bytes per process; NaN if unknown.</param>
    /// <param name="jobs">The maximum number of processes.</param>
    public int AtOnce(double bytes, int jobs) => MemoryBudget.AtOnce(Room(), bytes, jobs);

    /// <summary>
    /// Returns whether one process of this size fits if none is running yet; one runs even if it does not fit.
    /// </summary>
    public bool Holds(double bytes) => bytes <= Room();

    private double Room() => budget > 0 ? budget - _running.Values.Sum(child => child.Now.Resident) : available();

    private void Learn(Watched child, bool shown)
    {
        if (child.Estimate > 0)
            _worst = Math.Max(_worst, child.Now.Peak / child.Estimate);
        if (shown)
            _largest = double.IsNaN(_largest) ? child.Now.Peak : Math.Max(_largest, child.Now.Peak);
    }

    private sealed class Watched(double estimate, Func<bool> shown)
    {
        public double Estimate { get; } = estimate;

        public ChildMemory Now { get; set; }

        public bool Shown { get; set; }

        public bool ShownNow() => shown();
    }
}
