using System.Diagnostics;
using Gyre.Lab.Clusters;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Clusters;

/// <summary>
/// What is said to Slurm and what it says: the script, the queue, why a task was told to end, what is packed into a
/// task.
/// </summary>
public class SlurmTextTests
{
    [Fact]
    public void The_script_asks_for_what_was_asked_and_execs_the_program()
    {
        var text = Script(
                new SlurmOptions
                {
                    Partition = "gpu",
                    Time = "2:00:00",
                    Cpus = 4,
                    Gpus = "1",
                    Jobs = 8,
                    Setup = "env.sh",
                    Further = ["account=physics", "--mem=4G"],
                }
            )
            .Text();
        Assert.StartsWith("#!/bin/bash\n", text, StringComparison.Ordinal);
        string[] asked =
        [
            "job-name=gyre-s-1",
            "array=0-9%8",
            "cpus-per-task=4",
            "requeue",
            "signal=B:USR1@120",
            "open-mode=append",
            "partition=gpu",
            "time=2:00:00",
            "gpus=1",
            "account=physics",
            "mem=4G",
            "chdir=\"/home/a\"",
            "output=\"/home/a/sweeps/s/cluster/output/%A_%a.out\"",
        ];
        Assert.All(asked, line => Assert.Contains($"\n#SBATCH --{line}\n", text, StringComparison.Ordinal));
        Assert.Contains("\nsetup='/home/a/env.sh'\n", text, StringComparison.Ordinal);
        Assert.Equal(
            "exec '/usr/bin/dotnet' '/opt/gyre.dll' sweep-task '/home/a/sweeps/s' 7",
            text.TrimEnd().Split('\n')[^1]
        );
    }

    [Fact]
    public void What_was_decided_is_on_the_command_line_too_where_no_variable_of_the_user_is_stronger()
    {
        var script = Script(
            new SlurmOptions
            {
                Partition = "gpu",
                Time = "2:00:00",
                Cpus = 4,
                Gpus = "1",
                Jobs = 8,
                Further = ["account=physics"],
            }
        );
        string[] decided =
        [
            "--job-name=gyre-s-1",
            "--array=0-9%8",
            "--ntasks=1",
            "--cpus-per-task=4",
            "--requeue",
            "--signal=B:USR1@120",
            "--chdir=/home/a",
            "--output=/home/a/sweeps/s/cluster/output/%A_%a.out",
            "--open-mode=append",
            "--partition=gpu",
            "--time=2:00:00",
            "--gpus=1",
            "--account=physics",
        ];
        Assert.Equal(decided, script.Arguments);
        var asked = new List<string>();
        new Slurm(Noted).Submit("s.sh", script.Arguments, ["7"]);
        Assert.Equal(
            $"sbatch --parsable {string.Join(' ', decided)} --dependency=afterany:7 s.sh",
            Assert.Single(asked)
        );

        (string?, string) Noted(string command, IReadOnlyList<string> arguments)
        {
            asked.Add($"{command} {string.Join(' ', arguments)}");
            return ("42", "");
        }
    }

    [Theory]
    [InlineData("SQUEUE_STATES", false)]
    [InlineData("SQUEUE_FORMAT", false)]
    [InlineData("SQUEUE_USERS", false)]
    [InlineData("SCANCEL_STATE", false)]
    [InlineData("SCONTROL_ALL", false)]
    [InlineData("SBATCH_WAIT", false)]
    [InlineData("SBATCH_ERROR", false)]
    [InlineData("SQUEUE_CLUSTERS", true)]
    [InlineData("SBATCH_ACCOUNT", true)]
    [InlineData("SLURM_CONF", true)]
    [InlineData("PATH", true)]
    public void Variables_that_change_what_is_asked_do_not_reach_the_commands(string variable, bool stays) =>
        Assert.Equal(stays, !SlurmVariables.ChangesRequest(variable));

    [Fact]
    public void A_command_starts_without_the_variables_that_change_what_is_asked()
    {
        Environment.SetEnvironmentVariable("SQUEUE_LOCAL", "1");
        try
        {
            Assert.DoesNotContain("SQUEUE_LOCAL", Slurm.Start("squeue", []).Environment.Keys);
            Assert.Contains("PATH", Slurm.Start("squeue", []).Environment.Keys);
        }
        finally
        {
            Environment.SetEnvironmentVariable("SQUEUE_LOCAL", null);
        }
    }

    [Fact]
    public void What_is_not_asked_for_is_left_to_the_cluster()
    {
        var text = Script(new SlurmOptions()).Text();
        Assert.All(
            ["--partition", "--time", "--gpus", "%8", "source"],
            word => Assert.DoesNotContain(word, text, StringComparison.Ordinal)
        );
    }

    /// <summary>A shell reads the script as it was meant, whatever the folder is called.</summary>
    [Theory]
    [InlineData("with space")]
    [InlineData("it's")]
    [InlineData("a\"b$HOME`id`")]
    public void A_folder_of_any_name_reaches_the_program_as_it_is(string name)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs bash");
        using var folder = new TemporaryFolder();
        var sweep = folder[name];
        Directory.CreateDirectory(Path.Combine(sweep, "cluster"));
        File.WriteAllText(Path.Combine(sweep, "cluster", "units-0007.jsonl"), "");
        var script = new ArrayScript(new SlurmOptions(), "n", 7, 1, sweep, folder.Path, ["/usr/bin/printf", "%s\n"]);
        File.WriteAllText(folder["s.sh"], script.Text());
        using var bash = Process.Start(
            new ProcessStartInfo("bash", [folder["s.sh"]]) { RedirectStandardOutput = true }
        )!;
        Assert.Equal($"sweep-task\n{sweep}\n7\n", bash.StandardOutput.ReadToEnd());
    }

    [Fact]
    public void A_node_that_does_not_see_the_folder_says_so()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs bash");
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder["s.sh"],
            new ArrayScript(new SlurmOptions(), "n", 7, 1, folder["nowhere"], folder.Path, ["/bin/true"]).Text()
        );
        using var bash = Process.Start(
            new ProcessStartInfo("bash", [folder["s.sh"]]) { RedirectStandardError = true }
        )!;
        Assert.Contains("a file system that all nodes share", bash.StandardError.ReadToEnd(), StringComparison.Ordinal);
        bash.WaitForExit();
        Assert.Equal(1, bash.ExitCode);
    }

    /// <summary>
    /// A script that is read may end the shell without a word, or say by its last command that it failed.
    /// </summary>
    [Theory]
    [InlineData("exit 7", 7)]
    [InlineData("set -e; false", 1)]
    [InlineData("return 4", 4)]
    [InlineData("true", 0)]
    public void A_setup_script_that_fails_is_named_with_its_exit_code(string words, int code)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs bash");
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder["cluster"]);
        File.WriteAllText(folder["cluster/units-0007.jsonl"], "");
        File.WriteAllText(folder["it's.sh"], words);
        File.WriteAllText(
            folder["s.sh"],
            new ArrayScript(
                new SlurmOptions { Setup = "it's.sh" },
                "n",
                7,
                1,
                folder.Path,
                folder.Path,
                ["/bin/echo"]
            ).Text()
        );
        using var bash = Process.Start(
            new ProcessStartInfo("bash", [folder["s.sh"]])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            }
        )!;
        var (said, error) = (bash.StandardOutput.ReadToEnd(), bash.StandardError.ReadToEnd());
        bash.WaitForExit();
        Assert.Equal(code, bash.ExitCode);
        Assert.Equal(code == 0, said.Contains("sweep-task", StringComparison.Ordinal));
        Assert.Equal(code == 0 ? "" : $"the setup script {folder["it's.sh"]} ended with exit code {code}\n", error);
    }

    [Theory]
    [InlineData("90", 90.0)]
    [InlineData("1:30", 1.5)]
    [InlineData("1:30:00", 90.0)]
    [InlineData("1-12", 2160.0)]
    [InlineData("1-12:30", 2190.0)]
    [InlineData("2-0:0:30", 2880.5)]
    [InlineData("UNLIMITED", null)]
    [InlineData("999999999-0", null)]
    [InlineData("2147483647:0:0", null)]
    [InlineData("1:2:3:4", null)]
    [InlineData("1-2-3", null)]
    [InlineData("-5", null)]
    [InlineData("", null)]
    public void A_time_limit_is_read_as_sbatch_reads_it(string text, double? minutes) =>
        Assert.Equal(minutes, SlurmTime.TryParse(text)?.TotalMinutes);

    [Fact]
    public void The_queue_is_read_task_by_task()
    {
        var fake = new FakeSlurm();
        fake.Queue["12_3"] = "RUNNING|None|node1";
        fake.Queue["12_4"] = "PENDING|(Resources)|";
        fake.Queue["99"] = "RUNNING|None|node2"; // no array
        fake.Names["12"] = "gyre-s-1";
        Assert.Equal(
            [
                new QueuedTask("12", 3, "RUNNING", "None", "node1", "gyre-s-1"),
                new QueuedTask("12", 4, "PENDING", "(Resources)", "", "gyre-s-1"),
            ],
            fake.Slurm.Queue()
        );
    }

    /// <summary>As Slurm 22.05 was seen to answer at the moment of the signal.</summary>
    [Theory]
    [InlineData(true, "RUNNING", "None", 0, nameof(AfterStop.Requeue))] // the time limit is near
    [InlineData(false, "RUNNING", "None", 0, nameof(AfterStop.Requeue))] // kill by hand
    [InlineData(false, "COMPLETING", "None", 1, nameof(AfterStop.Requeued))] // scontrol requeue, preemption
    [InlineData(true, "COMPLETING", "None", 1, nameof(AfterStop.Requeued))]
    [InlineData(false, "COMPLETING", "None", 0, nameof(AfterStop.Canceled))] // scancel
    [InlineData(false, "COMPLETING", "TimeLimit", 0, nameof(AfterStop.Requeue))]
    [InlineData(false, "PENDING", "BeginTime", 1, nameof(AfterStop.Requeued))]
    public void Why_a_task_was_told_to_end_is_read_from_its_state(
        bool warned,
        string state,
        string reason,
        int restarts,
        string expected
    ) => Assert.Equal(expected, $"{StopReasons.Decide(warned, new TaskState(state, reason, restarts), 0)}");

    [Fact]
    public void A_silent_controller_leaves_a_task_alone_unless_its_time_is_up()
    {
        Assert.Equal(AfterStop.Unknown, StopReasons.Decide(warned: false, null, 0));
        Assert.Equal(AfterStop.Requeue, StopReasons.Decide(warned: true, null, 0));
    }

    [Fact]
    public void A_task_s_state_is_read_from_one_line()
    {
        var slurm = new Slurm(
            (_, _) =>
                (
                    "JobId=5 ArrayJobId=4 ArrayTaskId=1 JobName=a b JobState=COMPLETING Reason=TimeLimit "
                        + "Dependency=(null) Requeue=1 Restarts=2 BatchFlag=1\n",
                    ""
                )
        );
        Assert.Equal(new TaskState("COMPLETING", "TimeLimit", 2), slurm.StateOf("4_1", "a b"));
        Assert.Null(slurm.StateOf("4_1", "c")); // another job, by a number that was given away again
    }

    [Fact]
    public void Short_cells_are_packed_to_a_minute_and_long_ones_stay_alone()
    {
        ClusterPart[] parts =
        [
            Part("a", 5),
            Part("b", 300),
            Part("c", 20),
            Part("d", 20),
            Part("e", 20),
            Part("f", double.NaN),
        ];
        Assert.Equal(
            ["f", "b", "c d e", "a"],
            Packing.Units(parts, null).Select(unit => string.Join(' ', unit.Select(part => part.Name)))
        );
        Assert.Equal(
            ["f b", "c d", "e a"],
            Packing.Units(parts, 2).Select(unit => string.Join(' ', unit.Select(part => part.Name)))
        );
    }

    [Fact]
    public void Waves_follow_the_forks()
    {
        ClusterPart[] parts = [new("c", "", 1, "b"), Part("a", 1), new("b", "", 1, "a"), new("d", "", 1, "elsewhere")];
        Assert.Equal(
            ["a d", "b", "c"],
            Packing.Waves(parts).Select(wave => string.Join(' ', wave.Select(part => part.Name)))
        );
    }

    [Fact]
    public void Attempts_are_ordered_by_submission_then_restart()
    {
        AttemptNumber[] numbers = [new(2, 0), new(1, 10), new(1, 2), new(10, 0)];
        Assert.Equal(
            ["attempt-1-2", "attempt-1-10", "attempt-2-0", "attempt-10-0"],
            numbers.Order().Select(number => number.ToString())
        );
        Assert.All(numbers, number => Assert.Equal(number, AttemptNumber.TryParse(number.ToString())));
        Assert.All(
            ["attempt-1", "attempt-x-1", "attempt-1-2-3", "", "attempt--1-2"],
            text => Assert.Null(AttemptNumber.TryParse(text))
        );
    }

    private static ClusterPart Part(string name, double seconds) => new(name, "", seconds);

    private static ArrayScript Script(SlurmOptions options) =>
        new(options, "gyre-s-1", 7, 10, "/home/a/sweeps/s", "/home/a", ["/usr/bin/dotnet", "/opt/gyre.dll"]);
}
