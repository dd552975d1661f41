using Gyre.Lab.Interventions;
using Gyre.Lab.Specs;

namespace Gyre.Lab.Trajectories;

/// <summary>Creates the spec of a run that is measured from checkpoints. Pure.</summary>
internal static class TrajectorySpec
{
    private const string Elsewhere = "another program does the training";

    /// <summary>Returns a mistake for each part of a spec that requires a training by this program.</summary>
    public static IEnumerable<SpecMistake> Mistakes(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (spec.Measured is not null)
            yield return new("measured.checkpoints", "already exists: give the spec of the network and its data");
        if (spec.Intervention.Name != InterventionCatalog.None)
            yield return new(
                "intervention.name",
                $"\"{spec.Intervention.Name}\" changes updates, but {Elsewhere}; set it to \"none\""
            );
        if (spec.Curvature.At != CurvatureSpec.Iterate)
            yield return new(
                "curvature.at",
                $"\"{spec.Curvature.At}\" needs theta of the two previous steps; set it to \"iterate\""
            );
        if (spec.Training.Edge.Share > 0)
            yield return new(
                "training.edge_rate",
                $"sets learning rates, but {Elsewhere}; give them with --learning-rate"
            );
        if (spec.Training.Until.Any)
            yield return new("training.until", $"ends a training, but {Elsewhere}; remove it");
        if (spec.Model.Weights.Length > 0)
            yield return new("model.weights", "sets the start of a training, which the checkpoints contain; remove it");
        if (spec.Fork is not null)
            yield return new("fork.parent", $"sets the start of a training, but {Elsewhere}; remove it");
    }

    /// <summary>
    /// Returns the spec with what checkpoints determine: which steps there are, and that every one is measured and
    /// kept.
    /// </summary>
    /// <param name="spec">A spec without mistakes.</param>
    /// <param name="measured">The places of the checkpoints.</param>
    /// <exception cref="SpecException">The keys no longer go together.</exception>
    public static RunSpec From(RunSpec spec, MeasuredSpec measured)
    {
        ArgumentNullException.ThrowIfNull(spec);
        var training = spec.Training;
        return SpecReader.Checked(
            spec with
            {
                Measured = measured,
                Training = training with
                {
                    Time = 0,
                    // a cosine is laid out over the steps of the training
                    Steps = training.Decay == DecayNames.Cosine ? training.Steps : MeasuredSpec.Unbounded,
                },
                Curvature = spec.Curvature with
                {
                    Every = 0,
                    EveryTime = 0,
                    BurstAtStart = true,
                    Follow = FollowSpec.None,
                },
                Keeping = spec.Keeping with
                {
                    KeepCheckpoints = Math.Max(1, spec.Keeping.KeepCheckpoints),
                    CheckpointAt = [],
                },
            },
            "gyre measure"
        );
    }
}
