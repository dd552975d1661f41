using Gyre.Lab.Specs;
using Gyre.Lab.Trajectories;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Trajectories;

/// <summary>Which checkpoints places hold, in which order, and what is refused of them, all at once.</summary>
public sealed class CheckpointListTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_a_pattern_and_a_list_give_the_same_order()
    {
        Write("step-9.pt", "step-10.pt", "step-100.pt");
        string[] places = ["step-100.pt", "step-9.pt", "step-10.pt"];
        Assert.Equal([9, 10, 100], Steps(Found("")));
        Assert.Equal([9, 10, 100], Steps(Found("step-*.pt")));
        Assert.Equal([9, 10, 100], Steps(Found(places)));
        Assert.Equal([9, 10, 100], Steps(Found("", "step-9.pt"))); // named twice, taken once
    }

    [Fact]
    public void Wildcards_stand_for_folders_too()
    {
        Write("checkpoint-5/model.safetensors", "checkpoint-5/optimizer.pt", "checkpoint-40/model.safetensors");
        var found = Found("checkpoint-*");
        Assert.Equal([5, 40], Steps(found));
        Assert.EndsWith("checkpoint-5/model.safetensors", found.Files[0].Weights, StringComparison.Ordinal);
        Assert.EndsWith("checkpoint-5/optimizer.pt", found.Files[0].Optimizer, StringComparison.Ordinal);
        Assert.Null(found.Files[1].Optimizer);
        Assert.Equal([5, 40], Steps(Found("")));
        Assert.Equal([40], Steps(Found("*-40/")));
    }

    [Fact]
    public void Optimizers_are_found_by_their_step_and_left_out_where_there_is_none()
    {
        Write("step-1.safetensors", "step-1.optimizer.pt", "step-2.safetensors", "optim-9.pt");
        var found = Found("");
        Assert.EndsWith("step-1.optimizer.pt", found.Files[0].Optimizer, StringComparison.Ordinal);
        Assert.Null(found.Files[1].Optimizer);
        Assert.Contains("optim-9.pt", Assert.Single(found.LeftOut), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_checkpoint_in_a_folder_is_left_out_by_name()
    {
        Write("step-1.pt", "last.ckpt", "log.txt", ".hidden");
        var found = Found("");
        Assert.Equal([1], Steps(found));
        Assert.Equal(2, found.LeftOut.Count);
        Assert.Contains(
            found.LeftOut,
            left => left.Contains("last.ckpt: its name has no number", StringComparison.Ordinal)
        );
        Assert.Contains(
            found.LeftOut,
            left => left.Contains("log.txt: not a file of weights", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Every_ambiguous_name_and_every_double_is_refused_at_once()
    {
        Write("a-1.pt", "b-1.pt", "last.pt", "epoch-2.pt", "net18-7.pt");
        var found = Found("*.pt");
        Assert.Empty(found.Files);
        Assert.Equal(
            [
                "epoch-2.pt: its name counts epochs",
                "last.pt: its name has no number",
                "net18-7.pt: its name has several numbers, 18 and 7, any of which may be the step",
                "step 1: 2 checkpoints have this step",
            ],
            found.Mistakes.Select(Short).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void Steps_that_are_given_stand_for_names()
    {
        Write("a.pt", "b.pt", "c.pt");
        var spec = Spec("*.pt") with { Steps = [30, 10, 20] };
        Assert.Equal(["b.pt", "c.pt", "a.pt"], CheckpointList.From(spec).Files.Select(file => file.Name));
        var wrong = CheckpointList.From(spec with { Steps = [1, 2] });
        Assert.Contains("2 steps for 3 checkpoints", $"{Assert.Single(wrong.Mistakes)}", StringComparison.Ordinal);
        var same = CheckpointList.From(spec with { Steps = [1, 2, 2] });
        Assert.Contains(
            "step 2: 2 checkpoints have this step",
            $"{Assert.Single(same.Mistakes)}",
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_list_of_a_shell_that_grows_stays_the_same_source()
    {
        Write("step-1.pt", "step-2.pt", "other-1.pt");
        Assert.Equal(Sources("step-1.pt"), Sources("step-1.pt", "step-2.pt"));
        Assert.NotEqual(Sources("step-1.pt"), Sources("other-1.pt"));
        Assert.Equal([_folder["step-#.pt"]], Sources("step-1.pt"));
        Assert.Equal([_folder["step-*.pt"]], Sources("step-*.pt"));
    }

    [Fact]
    public void A_run_folder_stands_for_its_checkpoints()
    {
        Write("run/spec.toml", "run/checkpoints/step-000003.safetensors", "run/eigenvectors/step-000001.safetensors");
        Assert.Equal([3], Steps(Found("run")));
    }

    private static string Short(SpecMistake mistake) =>
        $"{Path.GetFileName(mistake.Where)}: {mistake.Problem.Split(';', '(')[0].Split(':')[0].Split(", of")[0].TrimEnd()}";

    private void Write(params string[] names)
    {
        foreach (var name in names)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
            File.WriteAllText(_folder[name], "x");
        }
    }

    private MeasuredSpec Spec(params string[] places) =>
        new() { Checkpoints = [.. places.Select(place => _folder[place])] };

    private CheckpointList Found(params string[] places) => CheckpointList.From(Spec(places));

    private IReadOnlyList<string> Sources(params string[] places) =>
        CheckpointPlaces.Sources(places.Select(place => _folder[place]));

    private static IEnumerable<long> Steps(CheckpointList found)
    {
        Assert.Empty(found.Mistakes);
        return found.Files.Select(file => file.Step);
    }
}
