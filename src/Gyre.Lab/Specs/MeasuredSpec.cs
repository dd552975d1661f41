using Gyre.Lab.Keys;

namespace Gyre.Lab.Specs;

/// <summary>
/// The section [measured]: a training that another program does, measured from its checkpoints. `gyre measure` writes
/// it. Every theta is one of a checkpoint, so that the steps of the run are theirs.
/// </summary>
internal sealed record MeasuredSpec
{
    /// <summary>
    /// training.steps of a training whose end nobody knows: more may come.
    /// </summary>
    public const int Unbounded = 1_000_000_000;

    /// <summary>Where checkpoints lie, without the numbers in their names: decides the run's id.</summary>
    [SpecKey(
        "`gyre measure`: where the checkpoints of another program's training lie, whole paths, with # for the "
            + "numbers in their names. They are the run's identity, as what the files hold is not known beforehand"
    )]
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>Files, folders and patterns as they were given, whole paths.</summary>
    [SpecKey("`gyre measure`: the files, folders and patterns of checkpoints that were given, whole paths")]
    public IReadOnlyList<string> Checkpoints { get; init; } = [];

    /// <summary>Steps of the checkpoints, in their order; empty where their names tell them.</summary>
    [SpecKey(
        "`gyre measure --steps`: the steps of the checkpoints, in their order; empty where their names tell",
        Least = 0,
        Most = Unbounded
    )]
    public IReadOnlyList<int> Steps { get; init; } = [];
}
