using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>`gyre sweep` as a user meets it: the real program, on sweeps of a few seconds.</summary>
public class SweepTests
{
    private static readonly string[] Tiny =
    [
        "sweep",
        "quick",
        "--set",
        "data.samples=60",
        "--set",
        "data.subset=first",
        "--set",
        "model.widths=[8,8]",
        "--set",
        "training.steps=30",
        "--set",
        "curvature.pairs=2",
        "--set",
        "training.evaluate_every=0",
        "--set",
        "run.keep_checkpoints=0",
    ];

    [Fact]
    public void A_dry_run_says_cells_time_and_disk_and_writes_nothing()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = GyreProcess.RunIn(
            folder.Path,
            [
                .. Tiny,
                "--set",
                "sweep.seeds=2",
                "--set",
                "sweep.axes.training.learning_rate={from=0.1,to=0.8,count=4,unit=\"edge\"}",
                "--set",
                "sweep.reductions=[{step=20,factor=0.1}]",
                "--dry-run",
                "--jobs",
                "2",
            ]
        );
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Matches(
            @"16 cells, 0 done; at the measured speed about .* with 2 at a time, about [\d.]+ GB each; \d+ MB in sweeps/quick",
            output
        );
        foreach (var said in new[] { "0.1 edge units", "0.8 → 0.08 edge" })
            Assert.Contains(said, output, StringComparison.Ordinal);
        Assert.All(
            output.Split('\n').Where(line => line.Length > 0 && line[0] is '│' or '╭'),
            line => Assert.True(line.Length <= 80)
        );
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    /// <summary>
    /// One sweep that grows: done cells are left alone, whatever --jobs; a reduction that comes too late for its
    /// parent's checkpoint says where it begins.
    /// </summary>
    [Fact]
    public void A_sweep_grows_by_the_cells_that_are_new()
    {
        using var folder = new TemporaryFolder();
        string[] Sweep(string jobs, params string[] sets) =>
            [.. Tiny, "--out", folder.Path, "--jobs", jobs, .. sets.SelectMany(set => (string[])["--set", set])];
        const string First = "sweep.axes.training.learning_rate=[0.7]";
        Assert.Equal(0, GyreProcess.Run(Sweep("2", First)).ExitCode);
        var threads = SweepReader.Open(folder["quick"]).Plan.Threads;
        Assert.Single(Started(folder["quick"]));
        var (exitCode, output, _) = GyreProcess.Run(Sweep("1", First));
        Assert.Equal(0, exitCode);
        Assert.Contains("1 cell, 1 done", output, StringComparison.Ordinal);
        Assert.DoesNotContain("measuring", output, StringComparison.Ordinal);
        (exitCode, output, _) = GyreProcess.Run(
            Sweep("4", "sweep.axes.training.learning_rate=[0.7,0.9]", "sweep.reductions=[{step=13,factor=0.2}]")
        );
        Assert.Equal(0, exitCode);
        Assert.Contains("4 cells, 1 done", output, StringComparison.Ordinal);
        Assert.Contains("1 reduction begins at the initialization", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output);
        var started = Started(folder["quick"]);
        Assert.Equal((4, 4), (started.Length, started.Distinct().Count()));
        Assert.Equal(threads, SweepReader.Open(folder["quick"]).Plan.Threads);
        var forks = SweepReader.Open(folder["quick"]).ReadCells().Where(cell => cell.Cell.Parent is not null).ToArray();
        string[] begun =
        [
            .. forks.Select(fork => fork.Run!.ReadSessions().Single(session => session.Kind == "forked").Detail!),
        ];
        Assert.Contains("starts at its initialization", begun[0], StringComparison.Ordinal);
        Assert.Contains("resumes from the checkpoint of step 13", begun[1], StringComparison.Ordinal);
        Assert.All(
            forks,
            fork =>
                Assert.Contains($"parent = \"{fork.Cell.Parent}\"", fork.Run!.ReadSpecText(), StringComparison.Ordinal)
        );
    }

    /// <summary>
    /// Rates in edge units: the cells have their names from what was measured the first time, so that nothing is
    /// measured before the refusal.
    /// </summary>
    [Fact]
    public void Settings_that_leave_cells_out_are_refused_until_the_plan_may_be_replaced()
    {
        using var folder = new TemporaryFolder();
        string[] Sweep(params string[] more) =>
            [
                .. Tiny,
                "--out",
                folder.Path,
                "--jobs",
                "2",
                "--set",
                "sweep.axes.training.learning_rate={values=[0.7],unit=\"edge\"}",
                .. more,
            ];
        Assert.Equal(0, GyreProcess.Run(Sweep()).ExitCode);
        var first = SweepReader.Open(folder["quick"]).ReadCells().Single().Cell.Folder;
        var (before, written) = (File.ReadAllText(folder["quick/plan.json"]), Written(folder.Path));
        foreach (
            var (set, change) in new[]
            {
                ("training.steps=31", "training.steps = 30 there, 31 here"),
                ("data.samples=61", "data.samples = 60 there, 61 here"),
            }
        )
        {
            var (refused, said, error) = GyreProcess.Run(Sweep("--set", set));
            Assert.Equal((2, ""), (refused, said));
            foreach (
                var word in new[] { change, first, "--set name=", "--replace" }.Where(word =>
                    set[0] == 't' || word != change
                )
            )
                Assert.Contains(word, error, StringComparison.Ordinal);
            Assert.Equal((before, written), (File.ReadAllText(folder["quick/plan.json"]), Written(folder.Path)));
        }
        var (exitCode, output, _) = GyreProcess.Run(Sweep("--set", "training.steps=31", "--replace"));
        Assert.Equal(0, exitCode);
        Assert.Contains(
            $"1 cell of earlier plans, kept in {folder["quick/cells"]}:\n  {first}\n",
            output,
            StringComparison.Ordinal
        );
        Assert.True(File.Exists(folder[$"quick/cells/{first}/summary.json"]));
        Assert.DoesNotContain(first, SweepReader.Open(folder["quick"]).Plan.Cells.Select(cell => cell.Folder));
        // no change from then on
        Assert.Equal(0, GyreProcess.Run(Sweep("--set", "training.steps=31", "--set", "sweep.seeds=2")).ExitCode);
    }

    [Fact]
    public void An_interrupted_sweep_says_so_and_goes_on_and_a_second_one_is_refused_meanwhile()
    {
        using var folder = new TemporaryFolder();
        string[] sweep =
        [
            .. Tiny,
            "--set",
            "training.steps=4000",
            "--set",
            "curvature.every=400",
            "--out",
            folder.Path,
            "--jobs",
            "1",
        ];
        using (var first = GyreProcess.Start(sweep))
        {
            Assert.True(
                SpinWait.SpinUntil(() => !first.Running || Steps(folder["quick"]) > 20, TimeSpan.FromMinutes(1))
                    && first.Running
            );
            var (refused, _, said) = GyreProcess.Run(sweep);
            Assert.Equal(2, refused);
            Assert.Contains("Another process works on", said, StringComparison.Ordinal);
            GyreProcess.Signal(first.Id, "INT");
            var (exitCode, _, error) = first.End();
            Assert.Equal(130, exitCode);
            Assert.Contains("the same command resumes", error, StringComparison.Ordinal);
        }
        Assert.Equal("interrupted", SweepReader.Open(folder["quick"]).ReadLog()[^1].Kind);
        Assert.Equal(0, GyreProcess.Run(sweep).ExitCode);
        Assert.Contains(
            SweepReader.Open(folder["quick"]).ReadCells().Single().Run!.ReadSessions(),
            session => session.Kind == "resumed"
        );
    }

    [Theory]
    [InlineData(new[] { "name=../x" }, "name")]
    [InlineData(new[] { "name=\"\\u0000\"" }, "name")]
    [InlineData(
        new[] { "sweep.seeds=0", "data.samples=-1", "sweep.axes.model.activation=[\"tahn\"]" },
        "The preset quick with its --set options has 3 mistakes"
    )]
    [InlineData(new[] { "sweep.reductions=[{step=40,factor=0.5}]" }, "no cell to branch from")]
    [InlineData(
        new[]
        {
            "sweep.axes.training.learning_rate={values=[0.7],unit=\"edge\"}",
            "sweep.reductions=[{step=40,factor=0.5}]",
        },
        "no cell to branch from"
    )]
    public void A_wrong_sweep_is_refused_before_anything_is_measured_and_leaves_nothing(string[] sets, string said)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = GyreProcess.RunIn(
            folder.Path,
            [.. Tiny, .. sets.SelectMany(set => (string[])["--set", set])]
        );
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void What_only_the_measurement_can_tell_is_refused_and_leaves_nothing_too()
    {
        using var folder = new TemporaryFolder();
        var (exitCode, _, error) = GyreProcess.RunIn(
            folder.Path,
            [.. Tiny, "--set", "data.name=idx", "--set", "data.path=nowhere"]
        );
        Assert.Equal(2, exitCode);
        Assert.Contains("is not a folder", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void A_measurement_whose_process_dies_is_tried_again_as_often_as_said_then_reported()
    {
        using var folder = new TemporaryFolder();
        using var sweep = GyreProcess.StartIn(folder.Path, [.. Tiny, "--set", "sweep.retries=1"]);
        var killed = new HashSet<int>();
        Assert.True(
            SpinWait.SpinUntil(
                () =>
                {
                    foreach (var child in sweep.Children().Where(killed.Add))
                        GyreProcess.Signal(child, "KILL");
                    return !sweep.Running;
                },
                TimeSpan.FromMinutes(1)
            )
        );
        var (exitCode, _, error) = sweep.End();
        Assert.Equal((3, 2), (exitCode, killed.Count));
        Assert.Contains("failed 2 times: it was killed (SIGKILL)", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static string Written(string folder) =>
        string.Join(
            '\n',
            Directory
                .GetFiles(folder, "*", SearchOption.AllDirectories)
                .Order(StringComparer.Ordinal)
                .Select(file => $"{file} {new FileInfo(file).Length}")
        );

    private static string[] Started(string sweep) =>
        [.. SweepReader.Open(sweep).ReadLog().Where(entry => entry.Kind == "started").Select(entry => entry.Cell!)];

    private static int Steps(string sweep) =>
        !Directory.Exists(Path.Combine(sweep, "cells"))
            ? 0
            : Directory
                .GetDirectories(Path.Combine(sweep, "cells"))
                .Sum(cell => new JsonLinesTail<StepRecord>(new RunFolder(cell).Steps).Poll().Count);
}
