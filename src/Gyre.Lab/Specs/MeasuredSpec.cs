using Gyre.Lab.Keys;

namespace Gyre.Lab.Specs;

/// <summary>
/// The section [measured]: a training by another program, measured from its checkpoints. `gyre measure` writes it. The
/// steps of the run are those of the checkpoints.
/// </summary>
internal sealed record MeasuredSpec
{
    /// <summary>
    /// The value of training.steps for a training with an unknown end, since checkpoints may be added.
    /// </summary>
    public const int Unbounded = 1_000_000_000;

    /// <summary>
    /// The places of the checkpoints without the numbers in their names, which determine the run's ID.
    /// </summary>
    [SpecKey(
        "`gyre measure`: the places of the other program's checkpoints, as absolute paths with # for the "
            + "numbers in their names. They identify the run, since the contents of later files are unknown"
    )]
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>The files, folders and patterns that were given, as absolute paths.</summary>
    [SpecKey("`gyre measure`: the files, folders and patterns of checkpoints that were given, as absolute paths")]
    public IReadOnlyList<string> Checkpoints { get; init; } = [];

    /// <summary>The steps of the checkpoints in order; empty if their names contain them.</summary>
    [SpecKey(
        "`gyre measure --steps`: the steps of the checkpoints, in order; empty if their names contain them",
        Least = 0,
        Most = Unbounded
    )]
    public IReadOnlyList<int> Steps { get; init; } = [];
}
