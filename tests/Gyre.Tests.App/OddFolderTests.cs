using System.Diagnostics;
using System.Text.RegularExpressions;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>Every command names what is wrong with a folder: the file, the value and the way out.</summary>
public sealed class OddFolderTests : IDisposable
{
    private static readonly InstabilityRecord[] NoCycles = [];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("inspect")]
    [InlineData("landscape")]
    [InlineData("export")]
    [InlineData("report")]
    [InlineData("run")]
    [InlineData("compare")]
    public void A_mistake_in_a_runs_spec_is_named_with_its_file_key_and_value(string command)
    {
        Spec(Run("f", finished: true), "samples", "-1");
        string[] words = command == "compare" ? [command, "f", "f"] : [command, "f"];
        var (exitCode, _, error) = GyreProcess.RunIn(_folder.Path, words);
        Assert.Equal(2, exitCode);
        Assert.Contains("f/spec.toml", error, StringComparison.Ordinal);
        Assert.Contains("data.samples: -1 is not an integer from 0 to", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("learning_rate", "inf", "training.learning_rate: inf is not a number")]
    [InlineData("learning_rate", "\"x\"", "training.learning_rate: \"x\" is not a number")]
    [InlineData("steps", "-5", "training.steps: -5 is not an integer")]
    [InlineData("tags", "{a=1}", "run.tags.a: is not a key")]
    [InlineData("samples", "-1", "data.samples: -1 is not an integer")]
    public void The_list_shows_a_mistake_in_a_spec(string key, string value, string said)
    {
        Spec(Run("done", finished: true), key, value);
        Spec(Run("open", finished: false), key, value);
        var output = GyreProcess.RunIn(_folder.Path, "ls", ".").Output;
        Assert.Matches($@"(?m)^\./done .*spec\.toml cannot be read: {Regex.Escape(said)}", output);
        Assert.Matches(@"(?m)^\./open .* damaged +spec\.toml cannot be read: ", output);
    }

    [Theory]
    [InlineData("summary.json", "pipe")]
    [InlineData("summary.json", "folder")]
    [InlineData("summary.json", "large")]
    [InlineData("environment.json", "pipe")]
    [InlineData("environment.json", "folder")]
    [InlineData("steps.jsonl", "pipe")]
    public void What_lies_in_a_files_place_and_is_none_is_named_by_every_command(string file, string kind)
    {
        Put(Run("f", finished: true), file, kind);
        var said = kind switch
        {
            "pipe" => "is a named pipe, not a file.",
            "folder" => "is a folder, not a file.",
            _ => "has more than 67108864 bytes",
        };
        foreach (var command in (string[])["report", "export"])
        {
            var (exitCode, _, error) = GyreProcess.RunIn(_folder.Path, command, "f");
            Assert.Equal(2, exitCode);
            Assert.Contains($"f/{file} {said}", error, StringComparison.Ordinal);
            Assert.Contains("Move it away, or remove it.", error, StringComparison.Ordinal);
        }
        if (file == "summary.json")
            Assert.Matches($@"(?m)^f .* damaged +summary\.json {Regex.Escape(said)}", Listed());
        if (kind == "large")
            return;
        var inspected = GyreProcess.RunIn(_folder.Path, "inspect", "f");
        Assert.Equal(2, inspected.ExitCode);
        Assert.Contains($"f/{file} {said}", inspected.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("summary.json", "folder", "is a folder, not a file")]
    [InlineData("lock", "folder", "is a folder, not a file")]
    [InlineData("events.jsonl", "pipe", "is a named pipe, not a file")]
    [InlineData("checkpoints", "pipe", "is a named pipe, not a folder")]
    [InlineData("eigenvectors", "file", "is a file, not a folder")]
    public void A_run_does_not_go_on_where_it_could_not_end(string name, string kind, string said)
    {
        Put(Run("f", finished: false), name, kind);
        foreach (var command in (string[])["run", "inspect"])
        {
            var (exitCode, _, error) = GyreProcess.RunIn(_folder.Path, command, "f");
            Assert.Equal(2, exitCode);
            Assert.Contains($"f/{name} {said}. Move it away, or remove it.", error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("lock", "folder", "is a folder, not a file")]
    [InlineData("cells", "file", "is a file, not a folder")]
    public void A_sweep_is_not_begun_where_something_else_lies_in_its_place(string name, string kind, string said)
    {
        Directory.CreateDirectory(_folder["quick"]);
        Put(new RunFolder(_folder["quick"]), name, kind);
        var error = Assert.Throws<RunFolderException>(() => SweepWriter.Open(new SweepFolder(_folder["quick"])));
        Assert.Equal($"{_folder[$"quick/{name}"]} {said}. Move it away, or remove it.", error.Message);
    }

    [Theory]
    [InlineData("summary.json")]
    [InlineData("environment.json")]
    public void A_file_of_a_newer_format_is_refused_by_name(string file)
    {
        var run = Run("f", finished: true);
        Run("b", finished: true);
        var newer = File.ReadAllText(_folder[$"f/{file}"])
            .Replace("\"format\": 1", "\"format\": 2", StringComparison.Ordinal);
        File.WriteAllText(_folder[$"f/{file}"], newer);
        var said =
            $"f/{file} has format 2; this program supports formats up to {RunFolder.Format}. Use a newer version of gyre.";
        foreach (var command in (string[])["report", "export", "run", "inspect", "landscape", "compare"])
        {
            string[] words = command == "compare" ? [command, "f", "b"] : [command, "f"];
            Assert.Equal((2, "", $"{said}\n"), GyreProcess.RunIn(_folder.Path, words));
        }
        Assert.Matches($@"(?m)^f +damaged +{Regex.Escape(said)}$", Listed());
        Assert.True(File.Exists(run.Summary));
    }

    [Fact]
    public void Lines_that_are_no_records_are_counted_in_words_and_the_first_is_numbered()
    {
        var run = Run("f", finished: false);
        var lines = File.ReadAllLines(run.Steps);
        lines[2] = "nonsense";
        File.WriteAllLines(run.Steps, lines);
        Assert.Equal("f/steps.jsonl: line 3 is malformed, and is left out.\n", Reported());
        lines[4] = "nonsense";
        File.WriteAllLines(run.Steps, lines);
        Assert.Equal("f/steps.jsonl: 2 lines are malformed and left out; the first is line 3.\n", Reported());
        Assert.Equal("x: 1 line is malformed, and is left out.", LineFlaw.Describe("x", 1, 0));
        Assert.Equal("x: 3 lines are malformed and left out; the first is line 7.", LineFlaw.Describe("x", 3, 7));
    }

    [Fact]
    public void The_list_takes_steps_from_what_is_sound()
    {
        var run = Run("f", finished: true);
        var sound = File.ReadAllText(run.Summary);
        File.WriteAllText(run.Summary, Regex.Replace(sound, "\"steps\": \\d+", "\"steps\": 1000000000"));
        Assert.Matches(@"(?m)^f .* summary\.json: steps = 1000000000 is not from 0 to the \d+ of the spec$", Listed());
        Assert.Contains(
            "\"done\": 5,",
            GyreProcess.RunIn(_folder.Path, "ls", "f", "--json", "-").Output,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Where_the_file_system_is_read_only_every_command_says_so_and_what_to_do()
    {
        using var disk = SmallDisk.Mount(200_000);
        SyntheticFolder.Write(disk["open"], SyntheticRun.Usual(5) with { Summary = null });
        SyntheticFolder.Write(disk["locked"], SyntheticRun.Usual(5) with { Summary = null });
        File.WriteAllText(disk["locked/lock"], "");
        disk.Close();
        foreach (var command in (string[])["run open", "run locked", "report open", "export open", "clean . --yes"])
        {
            var (exitCode, _, error) = GyreProcess.RunIn(disk.Path, command.Split(' '));
            Assert.True(exitCode == 2, command);
            Assert.DoesNotContain("held a moment ago", error, StringComparison.Ordinal);
            Assert.DoesNotContain("last checkpoint", error, StringComparison.Ordinal);
            Assert.Contains("Its file system is read-only: ", error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(
        30,
        null,
        "Its file system is read-only: mount it for writing, or work on a copy of the folder elsewhere."
    )]
    [InlineData(30, "name a folder", "Its file system is read-only: name a folder.")]
    [InlineData(28, null, "Free some space and give the same command again: finished work is kept.")]
    [InlineData(
        28,
        "name a folder",
        "Free some space, or name a folder, and give the same command again: finished work is kept."
    )]
    [InlineData(
        5,
        null,
        "Free some space or fix the permissions and give the same command again: finished work is kept."
    )]
    public void The_way_out_fits_the_failure(int number, string? elsewhere, string said) =>
        Assert.Equal(said, FileFault.Cure(new IOException("", number), elsewhere));

    [Fact]
    public void A_name_that_is_not_UTF8_is_said_to_be_none()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a file system that takes any bytes");
        Shell(
            "mkdir -p \"$1/runs/$(printf 'q\\377-run')\" && cp -r \"$2\" \"$1/runs/\"",
            _folder.Path,
            Run("f", finished: true).Path
        );
        try
        {
            var listed = GyreProcess.RunIn(_folder.Path, "ls", "runs").Output;
            Assert.Matches("(?m)^runs/q\ufffd-run .*the name is not UTF-8 .*Rename it\\.$", listed);
            Assert.Contains("runs/f ", listed, StringComparison.Ordinal);
            foreach (var command in (string[])["report", "run", "export", "inspect", "ls", "serve"])
            {
                string[] launcher = ["sh", "-c", "exec \"$@\" \"$WHERE/runs/$(printf 'q\\377-run')\"", "sh"];
                using var process = GyreProcess.StartUnder(
                    launcher,
                    new Dictionary<string, string> { ["WHERE"] = _folder.Path },
                    command
                );
                var (exitCode, output, error) = process.End();
                Assert.Equal((2, ""), (exitCode, output));
                Assert.Contains("q\ufffd-run: the name is not UTF-8", error, StringComparison.Ordinal);
            }
        }
        finally
        {
            Shell("rm -r \"$1/runs\"", _folder.Path);
        }
    }

    [Fact]
    public void A_cell_whose_name_is_not_UTF8_is_refused()
    {
        SyntheticSweep.Usual.Write(_folder["s"]);
        var plan = SyntheticSweep.Usual.Plan();
        File.WriteAllText(
            _folder["s/plan.json"],
            RunJson.Pretty(plan with { Cells = [plan.Cells[0] with { Folder = "q\ufffd" }] })
        );
        var error = Assert.Throws<RunFolderException>(() => SweepReader.Open(_folder["s"]));
        Assert.Contains("255 bytes of UTF-8", error.Message, StringComparison.Ordinal);
    }

    private RunFolder Run(string name, bool finished) =>
        SyntheticFolder.Write(
            _folder[name],
            SyntheticRun.Usual(5) with
            {
                Summary = finished ? SyntheticRun.Summary(NoCycles) : null,
            }
        );

    private string Listed() => GyreProcess.RunIn(_folder.Path, "ls", "f").Output;

    private string Reported() => GyreProcess.RunIn(_folder.Path, "report", "f").Error;

    private static void Spec(RunFolder run, string key, string value)
    {
        string Changed(string line) =>
            line.StartsWith($"{key} = ", StringComparison.Ordinal) ? $"{key} = {value}" : line;
        File.WriteAllLines(run.Spec, File.ReadAllLines(run.Spec).Select(Changed));
    }

    private static void Put(RunFolder run, string name, string kind)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs pipes with paths");
        var path = Path.Combine(run.Path, name);
        Shell("rm -rf \"$1\"", path);
        switch (kind)
        {
            case "pipe":
                Shell("mkfifo \"$1\"", path);
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            default:
                using (var file = File.Create(path))
                    file.SetLength(kind == "large" ? 1L << 30 : 0); // a hole: it takes no room on the disk
                break;
        }
    }

    private static void Shell(string script, params string[] arguments)
    {
        using var shell = Process.Start("sh", ["-c", script, "sh", .. arguments]);
        shell.WaitForExit();
        Assert.Equal(0, shell.ExitCode);
    }
}
