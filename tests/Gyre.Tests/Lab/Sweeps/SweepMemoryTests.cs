using Gyre.Lab.Running;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Sweeps;

/// <summary>How many processes fit, by numbers: no process is started here.</summary>
public class SweepMemoryTests
{
    private readonly Dictionary<int, ChildMemory> _children = [];

    [Theory]
    [InlineData(100, 0, double.NaN, 100)] // its probe's
    [InlineData(100, 0.5, double.NaN, 100)] // one that has taken less so far may still take more
    [InlineData(100, 1.5, 120, 150)] // another took half as much again as its own probe
    [InlineData(double.NaN, 0, 120, 120)] // no probe: as much as the largest before
    [InlineData(0, 1.5, 120, 120)]
    [InlineData(double.NaN, 0, double.NaN, double.NaN)]
    public void What_one_will_take_comes_from_its_probe_and_from_what_others_took(
        double estimate,
        double worst,
        double largest,
        double expected
    ) => Assert.Equal(expected, MemoryBudget.Expected(estimate, worst, largest));

    [Fact]
    public void What_runs_is_counted_with_what_it_will_still_take()
    {
        // 100 − 30, then one that is past what was expected and was larger once, then one that nothing is known of.
        Assert.Equal(
            70 + 10 + 0,
            MemoryBudget.Growth([
                (new ChildMemory(30, 40), 100),
                (new ChildMemory(120, 130), 100),
                (new ChildMemory(50, 50), double.NaN),
            ])
        );
        Assert.True(MemoryBudget.Allows(available: 180, growth: 80, expected: 100));
        Assert.False(MemoryBudget.Allows(available: 179, growth: 80, expected: 100));
        Assert.False(MemoryBudget.Allows(available: 1e9, growth: 0, expected: double.NaN));
    }

    [Theory]
    [InlineData(250, 100, 8, 2)]
    [InlineData(99, 100, 8, 1)] // one always runs
    [InlineData(-5, 100, 8, 1)]
    [InlineData(1e6, 100, 8, 8)]
    [InlineData(double.PositiveInfinity, 100, 8, 8)]
    [InlineData(250, double.NaN, 8, 8)]
    public void So_many_fit_at_once(double available, double expected, int jobs, int most) =>
        Assert.Equal(most, MemoryBudget.AtOnce(available, expected, jobs));

    [Fact]
    public void The_first_goes_alone_until_it_has_shown_its_memory_where_nobody_knows_it()
    {
        var shown = false;
        var memory = Memory(budget: 250);
        Assert.Null(memory.Refuses(double.NaN));
        Start(memory, 1, new ChildMemory(20, 20), double.NaN, () => shown);
        Assert.Contains("alone", memory.Refuses(double.NaN), StringComparison.Ordinal);
        _children[1] = new ChildMemory(90, 100);
        memory.Look();
        Assert.Contains("alone", memory.Refuses(double.NaN), StringComparison.Ordinal);
        shown = true;
        memory.Look();
        Assert.Null(memory.Refuses(double.NaN)); // 250 − 90 resident − 10 to its peak ≥ 100
        Start(memory, 2, new ChildMemory(5, 5), double.NaN);
        Assert.Equal("memory, not --jobs, is the limit", memory.Refuses(double.NaN));
        memory.Leave(1);
        Assert.Null(memory.Refuses(double.NaN));
    }

    [Fact]
    public void One_that_is_over_before_it_was_seen_does_not_keep_the_others_waiting()
    {
        var memory = Memory(budget: 250);
        memory.Watch(1, double.NaN, () => false);
        memory.Leave(1);
        memory.Watch(2, double.NaN, () => false);
        Assert.Null(memory.Refuses(double.NaN));
    }

    [Fact]
    public void Estimates_need_no_first_one_alone_and_are_corrected_upward_by_what_is_reached()
    {
        var memory = Memory(budget: 350);
        Start(memory, 1, new ChildMemory(10, 10), 100);
        Assert.Null(memory.Refuses(100));
        Start(memory, 2, new ChildMemory(10, 10), 100);
        Assert.Null(memory.Refuses(100)); // three of 100 in 350
        _children[1] = new ChildMemory(150, 150);
        memory.Look();
        Assert.NotNull(memory.Refuses(100)); // three of 150
        Assert.Null(memory.Refuses(30)); // 150 + 150 + 1.5 · 30
        Assert.NotNull(memory.Refuses(34));
    }

    [Fact]
    public void Without_a_budget_what_is_free_now_counts_and_what_runs_has_taken_of_it_already()
    {
        var free = 200.0;
        var memory = new SweepMemory(0, () => free, child => _children[child]);
        Start(memory, 1, new ChildMemory(60, 60), 100);
        Assert.Null(memory.Refuses(100)); // 200 free, of which 40 are for the first
        free = 139;
        Assert.NotNull(memory.Refuses(100));
        memory.Leave(1);
        Assert.Null(memory.Refuses(1e9)); // one always runs
    }

    [Fact]
    public void This_machine_has_some_memory_and_this_process_some_of_it()
    {
        var own = MachineMemory.TryReadProcess(Environment.ProcessId);
        Assert.NotNull(own);
        Assert.InRange(own.Value.Resident, 1e6, own.Value.Peak);
        Assert.InRange(MachineMemory.Available(), 1e6, 1e15);
        Assert.Null(MachineMemory.TryReadProcess(int.MaxValue));
    }

    [Fact]
    public void A_control_groups_limit_is_seen_in_both_versions_and_files_that_are_not_in_use_give_way()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["two"]);
        File.WriteAllText(folder["two/memory.max"], "1000\n");
        File.WriteAllText(folder["two/memory.current"], "700\n");
        File.WriteAllText(folder["two/memory.stat"], "anon 400\ninactive_file 200\n");
        Assert.Equal(500, MachineMemory.Left(folder["two"]));
        File.WriteAllText(folder["two/memory.max"], "max\n");
        Assert.Equal(double.PositiveInfinity, MachineMemory.Left(folder["two"]));
        Directory.CreateDirectory(folder["one"]);
        File.WriteAllText(folder["one/memory.limit_in_bytes"], "1000\n");
        File.WriteAllText(folder["one/memory.usage_in_bytes"], "1100\n");
        File.WriteAllText(folder["one/memory.stat"], "inactive_file 1\ntotal_inactive_file 50\n");
        Assert.Equal(0, MachineMemory.Left(folder["one"]));
        Assert.Equal(double.PositiveInfinity, MachineMemory.Left(folder["none"]));
        Assert.Equal(
            [
                "/sys/fs/cgroup/memory/a/b",
                "/sys/fs/cgroup/memory/a",
                "/sys/fs/cgroup/memory",
                "/sys/fs/cgroup/u",
                "/sys/fs/cgroup",
            ],
            MachineMemory.GroupFolders("9:name=systemd:/\n4:memory:/a/b\n1:cpu,cpuacct:/\n0::/u\n")
        );
        Assert.Equal(
            22502640,
            MachineMemory.Field("MemTotal:       24684084 kB\nMemAvailable:   22502640 kB\n", "MemAvailable:")
        );
    }

    private SweepMemory Memory(double budget) =>
        new(
            budget,
            () => throw new InvalidOperationException("the budget counts"),
            child => _children.TryGetValue(child, out var now) ? now : null
        );

    private void Start(SweepMemory memory, int child, ChildMemory now, double estimate, Func<bool>? shown = null)
    {
        _children[child] = now;
        memory.Watch(child, estimate, shown ?? (() => false));
        memory.Look();
    }
}
