using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.RunFiles;

/// <summary>Attempts at a cell share no file, and one of them becomes the result, once.</summary>
public sealed class CellAttemptTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private SweepFolder Sweep => new(_folder.Path);

    [Fact]
    public void A_cell_is_its_result_or_else_its_latest_attempt()
    {
        Assert.Equal(Sweep.Result("a"), Sweep.Cell("a"));
        var first = Begin(new(1, 0));
        Directory.CreateDirectory(Sweep.Attempt("a", new(3, 0)).Folder.Path); // not begun: no spec
        var second = Begin(new(1, 1));
        Assert.Equal([first, second], Sweep.AttemptsAt("a"));
        Assert.Equal(second.Folder, Sweep.Cell("a"));
        Finish(first);
        Assert.True(first.Publish(Sweep.Result("a")));
        Assert.Equal((Sweep.Result("a"), RunStatus.Finished), (Sweep.Cell("a"), Sweep.Cell("a").Status));
    }

    [Fact]
    public void Of_many_copies_that_end_at_once_exactly_one_is_published()
    {
        var attempts = Enumerable.Range(0, 8).Select(restart => Begin(new(1, restart))).ToArray();
        foreach (var attempt in attempts)
            Finish(attempt);
        using var gate = new Barrier(attempts.Length);
        var published = new bool[attempts.Length];
        var threads = attempts
            .Select(
                (attempt, i) =>
                    new Thread(() =>
                    {
                        gate.SignalAndWait();
                        published[i] = attempt.Publish(Sweep.Result("a"));
                    })
            )
            .ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        Assert.Single(published, true);
        var winner = attempts[Array.IndexOf(published, true)];
        Assert.Equal(
            winner.Number.ToString(),
            RunJson.Read<SummaryRecord>(File.ReadAllBytes(Sweep.Result("a").Summary))!.OutcomeRule
        );
        Assert.Equal(attempts.Length - 1, Sweep.AttemptsAt("a").Count);
    }

    [Fact]
    public void An_unfinished_attempt_is_no_result()
    {
        var attempt = Begin(new(1, 0));
        Assert.Throws<RunFolderException>(() => attempt.Publish(Sweep.Result("a")));
        Assert.False(Directory.Exists(Sweep.Result("a").Path));
    }

    [Fact]
    public void What_one_machine_left_unfinished_is_set_aside_as_the_latest_attempt()
    {
        CellAttempt.SetAside(Sweep, "a"); // nothing there
        Begin(new(2, 3));
        Directory.CreateDirectory(Sweep.Result("a").Path);
        File.WriteAllText(Sweep.Result("a").Spec, "format = 1\n# by one machine\n");
        CellAttempt.SetAside(Sweep, "a");
        Assert.False(Directory.Exists(Sweep.Result("a").Path));
        Assert.Equal(new AttemptNumber(2, 4), Sweep.AttemptsAt("a")[^1].Number);
        Assert.Contains("by one machine", File.ReadAllText(Sweep.Cell("a").Spec), StringComparison.Ordinal);
        var attempt = Begin(new(3, 0));
        Finish(attempt);
        Assert.True(attempt.Publish(Sweep.Result("a")));
        CellAttempt.SetAside(Sweep, "a"); // a result stays
        Assert.Equal(RunStatus.Finished, Sweep.Result("a").Status);
    }

    [Fact]
    public void An_unfinished_result_that_a_process_works_on_is_left_alone()
    {
        Directory.CreateDirectory(Sweep.Result("a").Path);
        File.WriteAllText(Sweep.Result("a").Spec, "format = 1\n");
        File.WriteAllText(Sweep.Result("a").Environment, "{}");
        using var held = RunLock.Take(Sweep.Result("a"));
        Assert.Throws<RunFolderException>(() => CellAttempt.SetAside(Sweep, "a"));
        Assert.True(Directory.Exists(Sweep.Result("a").Path));
    }

    [Fact]
    public void An_attempt_finds_the_cells_beside_it()
    {
        Assert.Equal(
            Path.GetFullPath(Sweep.Result("b").Path),
            Path.GetFullPath(Sweep.Attempt("a", new(1, 0)).Folder.GetSibling("b").Path)
        );
        Assert.Equal(
            Path.GetFullPath(_folder["runs/b"]),
            Path.GetFullPath(new RunFolder(_folder["runs/a"]).GetSibling("b").Path)
        );
    }

    public void Dispose() => _folder.Dispose();

    private CellAttempt Begin(AttemptNumber number)
    {
        var attempt = Sweep.Attempt("a", number);
        Directory.CreateDirectory(attempt.Folder.Path);
        File.WriteAllText(attempt.Folder.Spec, "format = 1\n");
        return attempt;
    }

    private static void Finish(CellAttempt attempt) =>
        File.WriteAllText(
            attempt.Folder.Summary,
            RunJson.Pretty(ExportFolders.Summary with { OutcomeRule = attempt.Number.ToString() })
        );
}
