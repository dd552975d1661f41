using Gyre.Lab.Running;

namespace Gyre.Lab.Sweeps;

/// <summary>
/// Sees to it that a sweep's processes fit into memory together: what each will take comes from its calibration, and from
/// what those before it really took. Where nothing is known yet one goes alone
/// until it has shown it. One always runs, whatever the memory.
/// </summary>
/// <param name="budget">Bytes for all processes together; not above 0: what the machine has.</param>
/// <param name="available">Bytes that are free now; asked for where no budget is given.</param>
/// <param name="read">Memory of a process by its id; null where it cannot be said.</param>
internal sealed class SweepMemory(double budget, Func<double> available, Func<int, ChildMemory?> read)
{
    private readonly Dictionary<int, Watched> _running = [];
    private double _worst;
    private double _largest = double.NaN;

    /// <summary>Of this machine.</summary>
    /// <param name="budget">Bytes for all processes together; not above 0: what the machine has.</param>
    public static SweepMemory FromMachine(double budget = 0) =>
        new(budget, MachineMemory.Available, MachineMemory.TryReadProcess);

    /// <summary>One that never says no.</summary>
    public static SweepMemory Endless { get; } = new(double.PositiveInfinity, () => double.PositiveInfinity, _ => null);

    /// <summary>A process was started.</summary>
    /// <param name="process">Its id.</param>
    /// <param name="estimate">The most that it is thought to take; NaN: nobody knows.</param>
    /// <param name="shown">Whether it has done what takes most; asked until it has.</param>
    public void Watch(int process, double estimate, Func<bool> shown) =>
        _running[process] = new Watched(estimate, shown);

    /// <summary>It is over: its peak is known, as far as it was seen.</summary>
    public void Leave(int process)
    {
        if (_running.Remove(process, out var child))
            Learn(child, shown: true);
    }

    /// <summary>Looks at every running process.</summary>
    public void Look()
    {
        foreach (var (process, child) in _running)
        {
            child.Now = read(process) ?? child.Now;
            child.Shown = child.Shown || child.ShownNow();
            Learn(child, child.Shown);
        }
    }

    /// <summary>Why one more process cannot be started now, in a few words; null where it can.</summary>
    /// <param name="estimate">The most that it is thought to take; NaN: nobody knows.</param>
    public string? Refuses(double estimate)
    {
        if (_running.Count == 0 || budget > double.MaxValue)
            return null;
        var expected = MemoryBudget.Expected(estimate, _worst, _largest);
        if (double.IsNaN(expected))
            return "one alone, until it has shown what memory it takes";
        var growth = MemoryBudget.Growth(
            _running.Values.Select(child => (child.Now, MemoryBudget.Expected(child.Estimate, _worst, _largest)))
        );
        return MemoryBudget.Allows(Room(), growth, expected) ? null : "memory, not --jobs, is the limit";
    }

    /// <summary>How many processes of this size fit at once, where none runs yet.</summary>
    /// <param name="bytes">Of each; NaN: nobody knows.</param>
    /// <param name="jobs">The most there may be.</param>
    public int AtOnce(double bytes, int jobs) => MemoryBudget.AtOnce(Room(), bytes, jobs);

    /// <summary>Whether one process of this size fits, where none runs yet; one runs all the same.</summary>
    /// <param name="bytes">Of it.</param>
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
