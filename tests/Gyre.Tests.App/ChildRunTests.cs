using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>The parent's side of a run, with shells that play the child.</summary>
public class ChildRunTests
{
    [Theory]
    [InlineData("kill -ABRT $$", 134, "SIGABRT")]
    [InlineData("kill -KILL $$", 137, "SIGKILL")]
    [InlineData("kill -SEGV $$", 139, "SIGSEGV")]
    [InlineData("kill -BUS $$", 135, "signal 7")]
    [InlineData("exit 5", 5, "exit code 5")]
    public void The_end_names_what_ended_it_and_keeps_the_last_words(string death, int exitCode, string reason)
    {
        using var folder = new TemporaryFolder();
        using var child = Start(folder, $"for i in $(seq 100); do echo word $i >&2; done; {death}");
        var end = child.End();
        Assert.Equal(exitCode, end.ExitCode);
        Assert.Contains(reason, end.Reason, StringComparison.Ordinal);
        Assert.Contains("word 100", end.LastLines);
        Assert.DoesNotContain("word 1", end.LastLines);
    }

    [Fact]
    public void What_it_says_to_its_output_is_kept_too_and_does_not_reach_the_terminal()
    {
        using var folder = new TemporaryFolder();
        using var child = Start(folder, "echo aside; exit 1");
        Assert.Equal(["aside"], child.End().LastLines);
    }

    [Fact]
    public void The_child_is_given_the_folder_and_the_spec_and_a_closed_input_when_asked_to_stop()
    {
        using var folder = new TemporaryFolder();
        using var child = Start(folder, $"echo $0 > '{folder["told"]}'; cat >> '{folder["told"]}'; exit 130");
        Assert.True(child.Running);
        child.Stop();
        Assert.Equal(130, child.End().ExitCode);
        Assert.Equal(
            $"{folder["run"]}\n{SpecText.Write(SpecReader.Read("quick"))}{ChildRun.EndOfSpec}\n",
            File.ReadAllText(folder["told"])
        );
    }

    [Fact]
    public void Letting_go_of_a_child_asks_it_to_stop()
    {
        using var folder = new TemporaryFolder();
        var done = folder["done"];
        using (Start(folder, $"cat >/dev/null; echo stopped > '{done}'"))
        {
            Assert.False(File.Exists(done));
        }
        Assert.True(SpinWait.SpinUntil(() => File.Exists(done), TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public void A_program_that_is_not_there_is_said()
    {
        var error = Assert.Throws<RunFolderException>(() =>
            ChildRun.Start(["/no/such/gyre"], SpecReader.Read("quick"), new RunFolder("runs/quick"))
        );
        Assert.Contains("cannot be started", error.Message, StringComparison.Ordinal);
    }

    private static ChildRun Start(TemporaryFolder folder, string script) =>
        ChildRun.Start(["sh", "-c", script], SpecReader.Read("quick"), new RunFolder(folder["run"]));
}
