using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Theory;
using Gyre.Lab.Trajectories;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Trajectories;

/// <summary>
/// A run measured from its own checkpoints is the run: eigenvalues and rotations agree within their error bars, and on a
/// diagonal network with the closed forms. Whatever stops it, it ends with the same bytes.
/// </summary>
public sealed class TrajectoryTests : IDisposable
{
    /// <summary>Every step has a checkpoint.</summary>
    private static readonly string[] Kept = ["run.checkpoint_every=1", "run.keep_checkpoints=1000", "threads=1"];

    private static readonly string[] Quick = ["data.samples=100", "model.widths=[16]", "training.steps=40", .. Kept];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("gd")]
    [InlineData("adam")]
    [InlineData("rmsprop")]
    public void The_checkpoints_of_a_run_give_its_eigenvalues_and_rotations_within_their_bars(string rule)
    {
        string[] sets =
        [
            .. Quick,
            $"optimizer.name={rule}",
            "curvature.follow=false",
            rule == "gd" ? "training.learning_rate=0.5" : "training.learning_rate=0.02",
        ];
        var spec = SpecReader.Read("quick", sets);
        var run = Trained(spec);
        var measured = Measured(spec);
        var there = measured.ReadCurvature().ToDictionary(record => record.Step);
        var compared = run.ReadCurvature().Where(record => record.Step > 0).ToArray(); // step 0 has no checkpoint
        Assert.Equal(12, compared.Length);
        foreach (var record in compared)
            AssertAgree(record, there[record.Step]);
        Assert.Equal(
            run.ReadSteps().Skip(1).Select(step => (step.Step, step.Loss, step.Accuracy, step.GradientNorm)),
            measured.ReadSteps().Select(step => (step.Step, step.Loss, step.Accuracy, step.GradientNorm))
        );
        Assert.All(measured.ReadSteps(), step => Assert.Matches("^step-.*safetensors$", step.Checkpoint!.Name));
    }

    /// <summary>Flip and drift per bounce of every step that both have; drift only where its bursts are the same.</summary>
    private static void AssertAgree(CurvatureRecord own, CurvatureRecord there)
    {
        Assert.Equal(own.Threshold, there.Threshold);
        Assert.Equal(own.Operator, there.Operator);
        for (var i = 0; i < own.Eigenvalues.Length; i++)
        {
            var bar = own.Residuals[i] + there.Residuals[i] + 1e-5 * Math.Abs(own.Eigenvalues[0]);
            Assert.InRange(there.Eigenvalues[i], own.Eigenvalues[i] - bar, own.Eigenvalues[i] + bar);
        }
        AssertOverlap(own.Flip, there.Flip);
        AssertOverlap(own.DriftPerBounce, there.DriftPerBounce);
    }

    private static void AssertOverlap(RotationRecord? own, RotationRecord? there)
    {
        if (own is null || there is null)
            return;
        Assert.Equal(own.Lag, there.Lag);
        Assert.True(
            own.OverlapLow <= there.OverlapHigh && there.OverlapLow <= own.OverlapHigh,
            $"{own.Overlap} [{own.OverlapLow}, {own.OverlapHigh}] and {there.Overlap} [{there.OverlapLow}, "
                + $"{there.OverlapHigh}]"
        );
    }

    [Fact]
    public void On_a_diagonal_network_they_give_the_closed_forms()
    {
        var spec = SpecReader.Read("diagonal", Kept);
        Trained(spec);
        var measured = Measured(spec);
        var network = DiagonalLinearNetwork.TwoParameters;
        var curvature = measured.ReadCurvature();
        Assert.Equal(100, curvature.Count);
        var before = Array.Empty<double>();
        foreach (var record in curvature)
        {
            var theta = Theta(record.Step);
            var (exact, vector) = (
                DiagonalSpectrum.Sharpness(network, theta),
                DiagonalSpectrum.Compute(network, theta)[0].Vector
            );
            Assert.Equal(exact, record.Sharpness, 1e-9 * exact);
            if (before.Length > 0)
            {
                var overlap = Math.Pow(before.Zip(vector, (one, next) => one * next).Sum(), 2);
                Assert.Equal(1 - overlap, record.Flip!.Rotation, 1e-7);
            }
            before = vector;
        }
        var own = new RunFolder(_folder["run"]).ReadSummary()!;
        var summary = measured.ReadSummary()!;
        Assert.NotEmpty(own.Cycles);
        Assert.Equal(own.Cycles.Length, summary.Cycles.Length);
        Assert.Equal(own.Outcome, summary.Outcome);
    }

    [Theory]
    [InlineData("gd")]
    [InlineData("adam")]
    public void Stopped_after_every_checkpoint_it_ends_with_the_same_bytes(string rule)
    {
        var spec = SpecReader.Read(
            "quick",
            [.. Quick, "training.steps=9", $"optimizer.name={rule}", "training.learning_rate=0.02"]
        );
        Trained(spec);
        var alone = Measured(spec);
        var folder = new RunFolder(_folder["stopped"]);
        var calls = 1;
        while (Stopped(spec, folder, 15) == RunEnd.Interrupted)
            calls++;
        Assert.True(calls > 5, $"{calls} calls");
        foreach (var file in new[] { "steps.jsonl", "curvature.jsonl", "events.jsonl", "summary.json" })
            Assert.Equal(File.ReadAllBytes(_folder[$"measured/{file}"]), File.ReadAllBytes(_folder[$"stopped/{file}"]));
        Assert.NotNull(alone.ReadSummary());
    }

    [Fact]
    public void Checkpoints_that_come_later_are_measured_by_the_same_call_as_if_they_had_been_there()
    {
        var spec = SpecReader.Read("quick", [.. Quick, "training.steps=9"]);
        Trained(spec);
        Measured(spec);
        Directory.CreateDirectory(_folder["some"]);
        var folder = new RunFolder(_folder["grown"]);
        foreach (var part in new[] { 4, 9 })
        {
            for (var step = 1; step <= part; step++)
                File.Copy(Checkpoint(step), _folder[$"some/{Path.GetFileName(Checkpoint(step))}"], overwrite: true);
            Assert.Equal(RunEnd.Done, Execute(spec, folder, CancellationToken.None, "some"));
            Assert.Equal(part, folder.ReadSummary()!.Steps);
        }
        foreach (var file in new[] { "steps.jsonl", "curvature.jsonl", "events.jsonl" })
            Assert.Equal(File.ReadAllBytes(_folder[$"measured/{file}"]), File.ReadAllBytes(_folder[$"grown/{file}"]));
        Assert.Empty(RunCheck.Flaws(RunReader.Open(folder.Path)));
    }

    [Fact]
    public void A_checkpoint_of_another_network_is_refused_before_a_folder_is_made()
    {
        Trained(SpecReader.Read("quick", [.. Quick, "training.steps=2"]));
        var other = SpecReader.Read("quick", [.. Quick, "model.widths=[17]"]);
        var error = Assert.Throws<TrajectoryException>(() =>
            Execute(other, new RunFolder(_folder["other"]), CancellationToken.None)
        );
        Assert.Contains(
            "step-000001.safetensors is a checkpoint of a network with",
            error.Message,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(_folder["other"]));
    }

    [Theory]
    [InlineData("training.learning_rate=0.2", "data, loss and learning rate match the training")]
    [InlineData("training.learning_rate=0.19", "differ by 0.053 of its length")]
    [InlineData("objective.loss=squared-error", "is not −eta·gradient")]
    [InlineData("data.samples=90", "is not −eta·gradient")]
    public void The_first_update_is_held_against_the_gradient_of_what_was_given(string set, string words)
    {
        Trained(SpecReader.Read("quick", [.. Quick, "training.steps=3", "training.learning_rate=0.2"]));
        var measured = Measured(SpecReader.Read("quick", [.. Quick, "training.learning_rate=0.2", set]));
        var notes = SessionKinds.NotesOf(measured.ReadSessions());
        Assert.Equal(2, notes.Count);
        var loss = measured.ReadSteps()[0].Loss;
        Assert.StartsWith(
            FormattableString.Invariant($"the loss at step 1 is {loss:G6}: "),
            notes[0],
            StringComparison.Ordinal
        );
        Assert.Contains(words, notes[1], StringComparison.Ordinal);
    }

    [Fact]
    public void A_measured_checkpoint_that_is_another_file_now_is_refused_whichever_it_is()
    {
        var spec = SpecReader.Read("quick", [.. Quick, "training.steps=4"]);
        Trained(spec);
        Measured(spec);
        File.Copy(Checkpoint(1), Checkpoint(2), overwrite: true);
        string[] places = [_folder["run/checkpoints"]];
        var error = Assert.Throws<TrajectoryException>(() =>
            TrajectorySource.RequireSame(
                new MeasuredSpec { Checkpoints = places, Sources = CheckpointPlaces.Sources(places) },
                RunReader.Open(_folder["measured"]).ReadSteps()
            )
        );
        Assert.Contains("not the checkpoint of step 2 that was measured", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("intervention.name=shorter-step", "intervention.name")]
    [InlineData("curvature.at=midpoint", "curvature.at")]
    [InlineData("training.until.loss=0.1", "training.until")]
    [InlineData("training.edge_rate=1.2", "training.edge_rate")]
    public void A_training_that_is_another_programs_cannot_be_changed(string set, string key) =>
        Assert.Equal([key], TrajectorySpec.Mistakes(SpecReader.Read("quick", [set])).Select(mistake => mistake.Where));

    private RunReader Trained(RunSpec spec)
    {
        Run.Execute(spec, new RunFolder(_folder["run"]), "", TimeProvider.System, CancellationToken.None);
        return RunReader.Open(_folder["run"]);
    }

    private RunReader Measured(RunSpec spec)
    {
        Assert.Equal(RunEnd.Done, Execute(spec, new RunFolder(_folder["measured"]), CancellationToken.None));
        return RunReader.Open(_folder["measured"]);
    }

    private RunEnd Stopped(RunSpec spec, RunFolder folder, int readings)
    {
        using var stop = new CancellationTokenSource();
        return Execute(spec, folder, stop.Token, time: new StopsAfterReadings(stop, readings));
    }

    private RunEnd Execute(
        RunSpec spec,
        RunFolder folder,
        CancellationToken stop,
        string source = "run/checkpoints",
        TimeProvider? time = null
    )
    {
        string[] places = [_folder[source]];
        var measured = new MeasuredSpec { Checkpoints = places, Sources = CheckpointPlaces.Sources(places) };
        return Trajectory.Execute(
            TrajectorySpec.From(spec, measured),
            folder,
            false,
            "",
            time ?? TimeProvider.System,
            stop
        );
    }

    private string Checkpoint(long step) => Checkpoints.PathOf(new RunFolder(_folder["run"]), step);

    private double[] Theta(long step)
    {
        using var scope = NewDisposeScope();
        return [.. Host.CopyFromHost(Safetensors.Read(Checkpoint(step)).Tensors["theta"])];
    }
}
