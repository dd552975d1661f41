using System.Diagnostics;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>Input that is wrong: exit code 2, a sentence on standard error, nothing left behind.</summary>
public class InputTests
{
    [Theory]
    [InlineData("rum", "Did you mean run?")]
    [InlineData("data chek", "Did you mean check?")]
    [InlineData("run --sett a=1", "Did you mean --set?")]
    [InlineData("run --set", "--set needs a value")]
    [InlineData("run --out", "--out needs a value")]
    [InlineData("run --out --set seed=1", "--out needs a value")]
    [InlineData("run quick stable", "'stable' is an unexpected argument")]
    [InlineData("run quick --set lr 0.1", "--set takes one word, key=value: --set lr=0.1")]
    [InlineData("run --seed 3", "Did you mean --set seed=…?")]
    [InlineData("run --lr 3", "Did you mean --set training.learning_rate=…?")]
    [InlineData("run --epochs 3", "Did you mean --set training.steps=…?")]
    [InlineData("run --batch-size 3", "Did you mean --set optimizer.batch=…?")]
    [InlineData("run -q", "Did you mean --quiet?")]
    [InlineData("advise --seed 3", "Did you mean --seeds?")]
    [InlineData("advise qick", "did you mean quick?")]
    [InlineData("spec ratse", "did you mean rates?")]
    [InlineData("spec rates --set sweep.seeds=2", "`gyre sweep rates` takes --set")]
    [InlineData("inspect runs/none", "runs/none: there is no such file or folder")]
    [InlineData("run quick --set optimizer.betas=[0.9,0.99]", "did you mean optimizer.momentum?")]
    [InlineData("run quick --probe foo --set lr=1", "training.learning_rate")]
    [InlineData("run quick --probe foo --set lr=1", "foo is not a probe")]
    [InlineData("run quick --set lr=1", "The preset quick with its --set options has a mistake")]
    [InlineData("run qick", "did you mean quick?")]
    [InlineData("run --set seed", "must be key=value")]
    [InlineData("run --probe self-stabilization", "did you mean self-stabilisation?")]
    [InlineData("run diagonal --set model.start=[1,2,3] --out o", "the model has 2 parameters")]
    [InlineData("run quick --set model.name=diagonal-linear --out o", "784 inputs and 10 outputs")]
    [InlineData("theory --depht 3", "Did you mean --depth?")]
    [InlineData("run no/such/spec.toml", "there is no such file or folder")]
    [InlineData("spec stabel", "did you mean stable?")]
    [InlineData("report no-such-folder", "There is no folder no-such-folder. `gyre run` creates run folders")]
    [InlineData("report --format pdf --width 3.25in", "3.25in is not a number; give 3.25, without a unit.")]
    [InlineData("report --figure ladder", "there is no --format")]
    [InlineData("sweep --seeds 5", "Did you mean --set sweep.seeds=…?")]
    [InlineData("sweep rates --set training.learning_rate=0.1", "0.1 would have no effect, since the sweep varies")]
    [InlineData("sweep rates --set training.learning_rate=abc", "--set 'sweep.axes.training.learning_rate=[0.05, ")]
    [InlineData("run min.toml", "min.toml: there is no such file or folder")]
    [InlineData("report .", "no spec.toml")]
    [InlineData("report", "There is no run in runs/")]
    [InlineData("data check fashion", "is not a data set")]
    [InlineData("data check idx", "needs data.path")]
    [InlineData("run quick --set data.samples=5001 --out o", "the training set has only 5000")]
    [InlineData("run quick --set data.name=idx --set data.path=nowhere --out o", "is not a folder")]
    [InlineData("run quick --set device=cuda --out o", "no CUDA device")]
    [InlineData("sweep --on slrum", "did you mean slurm?")]
    [InlineData("sweep --time 2:00:00", "add --on slurm")]
    [InlineData("sweep --on slurm --pack 0", "--pack")]
    [InlineData("sweep --on slurm --setup no-such.sh", "is not a file")]
    [InlineData("sweep --status --cancel", "exclude each other")]
    [InlineData("sweep --status", "There is no sweep in sweeps/rates")]
    [InlineData("sweep --on slurm --pack 0", "The command line has a mistake")]
    [InlineData("sweep --on slurm --sbatch array=0-1", "Gyre sets this itself")]
    [InlineData("sweep --on slurm --sbatch time=5", "give --time")]
    [InlineData("run quick --on slurm", "--on is an option of other commands, not of `gyre run`")]
    [InlineData("sweep --cancel", "no jobs on a cluster")]
    [InlineData("sweep-task here 1", "for Slurm jobs")]
    public void A_mistake_is_said_in_a_sentence_and_leaves_nothing(string arguments, string said)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, _, error) = GyreProcess.RunIn(folder.Path, arguments.Split(' '));
        Assert.Equal(2, exitCode);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    /// <summary>A variable of a script without a value.</summary>
    [Theory]
    [InlineData("run", "")]
    [InlineData("inspect", "")]
    [InlineData("spec", "")]
    [InlineData("serve", "")]
    [InlineData("compare", "", "")]
    [InlineData("run", "quick", "--out", "")]
    [InlineData("run", "quick", "--out=")]
    [InlineData("run", "quick", "--json", "")]
    public void An_empty_word_is_refused(params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, arguments);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("empty", error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    /// <summary>Each of several would do all of it, in the same folder; the first says so.</summary>
    [Theory]
    [InlineData(
        "OMPI_COMM_WORLD",
        "0",
        "Open MPI's mpirun started 2 processes of `gyre sweep`, but only `gyre run` can be shared"
    )]
    [InlineData("OMPI_COMM_WORLD", "1", "")]
    [InlineData("PMI", "0", "MPICH's mpirun started 2 processes")]
    public void A_sweep_that_is_started_several_times_over_is_refused_once(string launcher, string rank, string said)
    {
        using var folder = new TemporaryFolder();
        var started = new Dictionary<string, string> { [$"{launcher}_SIZE"] = "2", [$"{launcher}_RANK"] = rank };
        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, started, "sweep", "rates");
        Assert.Equal((2, "", said.Length == 0), (exitCode, output, error.Length == 0));
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
        Assert.Equal(0, GyreProcess.RunIn(folder.Path, started, "sweep", "--help").ExitCode);
    }

    [Fact]
    public void Every_mistake_of_a_spec_and_of_the_command_line_is_listed_at_once()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(
            folder["mine.toml"],
            "seed = \"one\"\n[trainig]\nsteps = 10\n[data]\nname = \"fashion-mnst\"\nsamples = -3\n"
        );
        var (exitCode, output, error) = GyreProcess.RunIn(
            folder.Path,
            "run",
            "mine.toml",
            "--set",
            "training.learning_rate=nan",
            "--set",
            "curvature.pair=3",
            "--set",
            "threads=0"
        );
        Assert.Equal(2, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("The spec mine.toml has 7 mistakes:", error, StringComparison.Ordinal);
        foreach (
            var key in new[]
            {
                "seed",
                "data.name",
                "data.samples",
                "training.learning_rate",
                "threads",
                "did you mean training.steps?",
                "did you mean curvature.pairs?",
            }
        )
            Assert.Contains(key, error, StringComparison.Ordinal);
        Assert.Equal(["mine.toml"], Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName));
    }

    [Fact]
    public void A_doctor_who_finds_something_wrong_says_what_to_do_and_so_does_a_run()
    {
        using var folder = new TemporaryFolder();
        var environment = new Dictionary<string, string> { ["GYRE_LIBTORCH"] = folder.Path };
        var doctor = GyreProcess.RunIn(folder.Path, environment, "doctor");
        Assert.Equal(2, doctor.ExitCode);
        Assert.Matches($"WRONG +libtorch +GYRE_LIBTORCH names {folder.Path}, but there is no libtorch", doctor.Output);
        Assert.Matches("→ Set it to a folder with libtorch .* or unset it", doctor.Output);
        var run = GyreProcess.RunIn(folder.Path, environment, "run", "quick");
        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith($"GYRE_LIBTORCH names {folder.Path}", run.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void With_verbose_an_error_also_says_where_it_arose()
    {
        var (exitCode, _, error) = GyreProcess.Run("report", "no-such-folder", "--verbose");
        Assert.Equal(2, exitCode);
        Assert.Contains("   at Gyre.", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_below_a_file_or_where_none_can_be_made_is_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["file"], "");
        var below = GyreProcess.Run("run", "quick", "--set", "threads=1", "--out", folder["file/runs"]);
        Assert.Equal(2, below.ExitCode);
        Assert.Contains($"{folder["file"]} is a file", below.Error, StringComparison.Ordinal);
        var nowhere = GyreProcess.Run("run", "quick", "--set", "threads=1", "--out", "/proc/runs");
        Assert.Equal(2, nowhere.ExitCode);
        Assert.Contains("/proc/runs", nowhere.Error, StringComparison.Ordinal);
    }

    /// <summary>
    /// A file system of its own, so small that the run cannot end: it is refused before anything is written, and goes
    /// when there is room. (FullDiskTests fill one under a run.)
    /// </summary>
    [Fact]
    public async Task A_disk_too_small_is_said_before_anything_is_written_and_the_run_goes_when_there_is_room()
    {
        using var folder = new TemporaryFolder();
        var disk = folder["disk"];
        Directory.CreateDirectory(disk);
        string[] run =
        [
            "run",
            "quick",
            "--set",
            "threads=1",
            "--set",
            "training.steps=40",
            "--set",
            "run.checkpoint_every=10",
            "--out",
            disk,
        ];
        string Quoted(string word) => $"'{word}'";
        var gyre =
            $"dotnet {Quoted(Path.Combine(AppContext.BaseDirectory, "gyre.dll"))} "
            + $"{string.Join(" ", run.Select(Quoted))}";
        // A mount that only this shell and its children see, gone with them. Room is made by a file that goes: a larger
        // mount is root's to give.
        var script =
            $"mount -t tmpfs -o size=32m none {Quoted(disk)} || exit 99; head -c 32068k /dev/zero "
            + $">{Quoted(folder["disk/ballast"])}; {gyre} >{Quoted(folder["said"])} 2>&1; echo first $?; ls "
            + $"{Quoted(disk)}/*/; "
            + $"rm {Quoted(folder["disk/ballast"])}; {gyre} >/dev/null; echo second $?";
        using var shell = Process.Start(
            new ProcessStartInfo("unshare", ["--user", "--map-root-user", "--mount", "sh", "-c", script])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        )!;
        var said = shell.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = await said;
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.SkipUnless(
            shell.ExitCode == 0 || output.Length > 0 || Environment.GetEnvironmentVariable("GYRE_REQUIRE_ALL") == "1",
            $"a small tmpfs cannot be mounted here: {error}"
        );
        Assert.True(shell.ExitCode == 0, error);
        Assert.Contains("first 2", output, StringComparison.Ordinal);
        Assert.DoesNotContain("spec.toml", output, StringComparison.Ordinal);
        Assert.DoesNotContain(".tmp", output, StringComparison.Ordinal);
        Assert.Contains("second 0", output, StringComparison.Ordinal);
        Assert.Matches(
            @"the run writes at least [\d.]+ MB, .* of space",
            await File.ReadAllTextAsync(folder["said"], TestContext.Current.CancellationToken)
        );
    }
}
