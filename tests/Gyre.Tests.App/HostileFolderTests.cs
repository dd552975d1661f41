using System.Text.RegularExpressions;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>A folder of results that somebody else made leads no command out of it, and steers no terminal.</summary>
public sealed partial class HostileFolderTests : IDisposable
{
    private const string Steering = "\u001b]0;X\u0007\u009b31m\u202eevil";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("x", 256)]
    [InlineData("x", 5000)]
    [InlineData("é", 128)]
    public void A_cell_whose_name_no_file_system_takes_is_refused_as_a_path_is(string letter, int count)
    {
        Sweep(cell => cell with { Folder = string.Concat(Enumerable.Repeat(letter, count)) });
        foreach (
            var command in (string[][])
                [
                    ["report", "s"],
                    ["export", "s", "--format", "tensorboard"],
                    ["export", "s"],
                ]
        )
        {
            var (exitCode, output, error) = GyreProcess.RunIn(_folder.Path, command);
            Assert.Equal((2, ""), (exitCode, output));
            Assert.Contains(
                $"({count} letters)\", which is not the name of a folder in s/cells",
                error,
                StringComparison.Ordinal
            );
            Assert.Contains("a name has at most 255 bytes", error, StringComparison.Ordinal);
        }
        Assert.Matches(@"\ns +damaged +s/plan\.json names the cell", GyreProcess.RunIn(_folder.Path, "ls", "s").Output);
        Sweep(cell => cell with { Folder = new string('x', FolderName.MostBytes) });
        Assert.Contains("unfinished", GyreProcess.RunIn(_folder.Path, "ls", "s").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_fork_of_a_run_whose_name_no_file_system_takes_is_refused()
    {
        var error = Assert.Throws<SpecException>(() =>
            SpecReader.Read("quick", [$"fork.parent={new string('x', 256)}", "fork.step=1"])
        );
        Assert.Contains("fork.parent", error.Message, StringComparison.Ordinal);
        Assert.Contains("at most 255 bytes", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cells/cell-0.02-0")]
    [InlineData("cells")]
    [InlineData("attempts/cell-0.02-0/cell-0.02-0.attempt-1-0")]
    public void A_cell_that_leads_out_of_its_sweep_is_read_by_no_command(string name)
    {
        SyntheticSweep.Usual.Write(_folder["s"]);
        var target = _folder["elsewhere"];
        if (Directory.Exists(_folder[$"s/{name}"]))
            Directory.Move(_folder[$"s/{name}"], target);
        else
            SyntheticFolder.Write(target, SyntheticRun.Usual(5));
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[$"s/{name}"])!);
        Directory.CreateSymbolicLink(_folder[$"s/{name}"], target);
        foreach (var command in (string[])["report", "export"])
        {
            var (exitCode, output, error) = GyreProcess.RunIn(_folder.Path, command, "s");
            Assert.Equal((2, ""), (exitCode, output));
            Assert.Equal(
                $"s/{name} is a link that leads out of s, to {target}: cells must be in their sweep's folder. "
                    + "Put the folder itself there, or remove the link.\n",
                error
            );
        }
        var listed = GyreProcess.RunIn(_folder.Path, "ls", "--cells", "s").Output;
        Assert.Matches($@"\ns +damaged +s/{Regex.Escape(name)} is a link that leads out", listed);
    }

    [Fact]
    public void A_cell_that_is_a_link_within_its_sweep_is_read()
    {
        SyntheticSweep.Usual.Write(_folder["real"]);
        Directory.Move(_folder["real/cells/cell-0.02-0"], _folder["real/moved"]);
        Directory.CreateSymbolicLink(_folder["real/cells/cell-0.02-0"], "../moved");
        Directory.CreateSymbolicLink(_folder["s"], "real");
        Assert.Contains(" 12/12 cells", GyreProcess.RunIn(_folder.Path, "ls", "s").Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("report", "report")]
    [InlineData("export", "export")]
    [InlineData("export", "export/csv")]
    public void Nothing_is_written_through_a_link_that_leads_out_unless_the_user_names_it(string command, string link)
    {
        SyntheticSweep.Usual.Write(_folder["s"]);
        SyntheticFolder.Write(_folder["r"], SyntheticRun.Usual(5) with { Summary = null });
        Directory.CreateDirectory(_folder["elsewhere"]);
        foreach (var source in (string[])["s", "r"])
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[$"{source}/{link}"])!);
            Directory.CreateSymbolicLink(_folder[$"{source}/{link}"], _folder["elsewhere"]);
            var (exitCode, _, error) = GyreProcess.RunIn(_folder.Path, command, source);
            Assert.Equal(2, exitCode);
            var said = $"{source}/{link} is a link that leads out of {source}, to {_folder["elsewhere"]}";
            Assert.Equal($"{said}: nothing is written there. Remove the link.\n", error);
        }
        Assert.Empty(Directory.GetFileSystemEntries(_folder["elsewhere"]));
        Assert.Equal(0, GyreProcess.RunIn(_folder.Path, "export", "r", "--out", $"r/{link}").ExitCode);
        Assert.NotEmpty(Directory.GetFileSystemEntries(_folder["elsewhere"]));
    }

    /// <summary>
    /// A run appends to its files: a link among them in a folder from elsewhere would write over the user's own.
    /// </summary>
    [Theory]
    [InlineData("steps.jsonl")]
    [InlineData("sessions.jsonl")]
    [InlineData("checkpoints")]
    public void A_run_is_not_resumed_through_a_link_that_leads_out(string link)
    {
        SyntheticFolder.Write(_folder["r"], SyntheticRun.Usual(5) with { Summary = null });
        var own = _folder["own"];
        if (File.Exists(_folder[$"r/{link}"]))
            File.Move(_folder[$"r/{link}"], own);
        else
            Directory.Move(_folder[$"r/{link}"], own);
        var before = Everything(own);
        File.CreateSymbolicLink(_folder[$"r/{link}"], own);
        var (exitCode, _, error) = GyreProcess.RunIn(_folder.Path, "run", "r");
        Assert.Equal(2, exitCode);
        var said =
            $"{_folder[$"r/{link}"]} is a link that leads out of {_folder["r"]}, to {own}: nothing is written there.";
        Assert.EndsWith($"{said} Remove the link.\n", error, StringComparison.Ordinal);
        Assert.Equal(before, Everything(own));
    }

    /// <summary>The first steps were another run's: neither one nor the other would come of it.</summary>
    [Theory]
    [InlineData("baseline")]
    [InlineData("quick-12c8a71db4")]
    public void A_run_whose_spec_was_edited_is_not_resumed_whatever_its_folder_is_called(string name)
    {
        var run = SyntheticFolder.Write(_folder[name], SyntheticRun.Usual(5) with { Summary = null });
        var spec = SpecReader.ReadText(File.ReadAllText(run.Spec));
        File.WriteAllText(
            run.Environment,
            RunJson.Pretty(RunReader.Open(run.Path).ReadEnvironment()! with { SpecId = SpecText.Id(spec) })
        );
        File.WriteAllText(
            run.Spec,
            SpecText.Write(spec with { Training = spec.Training with { LearningRate = 0.1 } }) + "# halved\n"
        );
        var before = Everything(run.Path) + File.ReadAllText(run.Steps) + File.ReadAllText(run.Sessions);
        var (exitCode, output, error) = GyreProcess.RunIn(_folder.Path, "run", name);
        Assert.Equal((2, ""), (exitCode, output));
        Assert.StartsWith($"{name}/spec.toml is not the spec of this run", error, StringComparison.Ordinal);
        Assert.Equal(before, Everything(run.Path) + File.ReadAllText(run.Steps) + File.ReadAllText(run.Sessions));
    }

    private static string Everything(string path) =>
        Directory.Exists(path) ? string.Join('\n', Directory.GetFileSystemEntries(path)) : File.ReadAllText(path);

    [Fact]
    public void What_a_plan_says_steers_no_terminal_and_no_page()
    {
        SyntheticSweep.Usual.Write(_folder["s"]);
        var plan = SweepReader.Open(_folder["s"]).Plan;
        Write(
            plan with
            {
                Name = Steering,
                Gyre = Steering,
                CommandLine = $"gyre sweep {Steering}",
                Axes = [.. plan.Axes, Steering],
                Cells =
                [
                    .. plan.Cells.Select(cell =>
                        cell with
                        {
                            Group = $"{Steering}\n{cell.Group}",
                            Values = cell.Values.ToDictionary(pair => pair.Key, _ => Steering),
                        }
                    ),
                ],
            }
        );
        var (exitCode, output, error) = GyreProcess.RunIn(_folder.Path, "report", "s");
        Assert.Equal((0, ""), (exitCode, error));
        Assert.Contains(@"\u001b]0;X\u", output, StringComparison.Ordinal);
        Assert.DoesNotMatch(Hidden(), output);
        foreach (
            var file in Directory
                .GetFiles(_folder["s/report"])
                .Where(file => !file.EndsWith(".png", StringComparison.Ordinal))
        )
            Assert.DoesNotMatch(Hidden(), File.ReadAllText(file));
        Assert.Contains(@"\u202eevil", File.ReadAllText(_folder["s/report/report.html"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("report")]
    [InlineData("export")]
    [InlineData("run")]
    [InlineData("landscape --grid 2 --line 2 --window 0 --at 999")]
    [InlineData("compare b")]
    [InlineData("ls")]
    public void The_name_of_a_folder_is_one_line(string command)
    {
        var words = command.Split(' ');
        var name = $"new\nline{Steering}";
        SyntheticFolder.Write(_folder["b"], SyntheticRun.Usual(5));
        foreach (var damage in (string[])["", "spec.toml", "steps.jsonl"])
        {
            SyntheticFolder.Write(
                _folder[name],
                SyntheticRun.Usual(5) with
                {
                    Summary = SyntheticRun.Summary((InstabilityRecord[])[]),
                }
            );
            if (damage.Length > 0)
                File.AppendAllText(_folder[$"{name}/{damage}"], "\nnonsense\n");
            var (_, output, error) = GyreProcess.RunIn(_folder.Path, [words[0], name, .. words[1..]]);
            Assert.DoesNotMatch(Hidden(), output + error);
            Assert.DoesNotMatch(@"(?m)^line", output + error);
            Directory.Delete(_folder[name], recursive: true);
        }
        var missing = GyreProcess.RunIn(_folder.Path, [words[0], name, .. words[1..]]);
        Assert.Equal(2, missing.ExitCode);
        Assert.DoesNotMatch(Hidden(), missing.Error);
        Assert.Contains(@"new\u000aline\u001b", missing.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_is_served_of_a_folder_whose_name_steers_no_terminal()
    {
        var name = $"new\nline{Steering}";
        Directory.CreateDirectory(_folder[name]);
        using var served = GyreProcess.StartIn(_folder.Path, "serve", name, "--port", "0");
        Assert.EndsWith(
            @"new\u000aline\u001b]0;X\u0007\u009b31m\u202eevil",
            served.Wait("Serving (.*) at http"),
            StringComparison.Ordinal
        );
        Assert.DoesNotMatch(Hidden(), served.Said());
    }

    [GeneratedRegex(@"[\p{Cc}\p{Cf}-[\n\t]]")]
    private static partial Regex Hidden();

    private void Sweep(Func<SweepCellRecord, SweepCellRecord> change)
    {
        if (!Directory.Exists(_folder["s"]))
            SyntheticSweep.Usual.Write(_folder["s"]);
        var plan = SyntheticSweep.Usual.Plan();
        Write(plan with { Cells = [change(plan.Cells[0]), .. plan.Cells[1..]] });
    }

    private void Write(SweepPlanRecord plan) => File.WriteAllText(_folder["s/plan.json"], RunJson.Pretty(plan));
}
