namespace Gyre.Lab.RunFiles;

/// <summary>What a leftover is.</summary>
internal enum LeftoverKind
{
    /// <summary>A file that a killed process left half-written.</summary>
    Temporary,

    /// <summary>A run that was begun, is not finished, and that no process works on.</summary>
    Unfinished,

    /// <summary>An unfinished cell that its sweep's plan does not name.</summary>
    Unplanned,

    /// <summary>Files of a run without the spec.toml by which anything could go on from them.</summary>
    Stump,
}

/// <summary>A file or a folder that may be removed.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">Where it is.</param>
/// <param name="Files">The files that are removed with it, below a folder; none of a file.</param>
/// <param name="Bytes">Their lengths together.</param>
internal sealed record Leftover(LeftoverKind Kind, string Path, IReadOnlyList<string> Files, long Bytes);

/// <summary>A folder that is left alone, though it is not finished or not as it should be.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Why">A sentence's end.</param>
internal sealed record LeftAlone(string Path, string Why);

/// <summary>What a look for leftovers found.</summary>
/// <param name="Leftovers">What may be removed.</param>
/// <param name="Alone">What may not, and why.</param>
internal sealed record LeftoverList(IReadOnlyList<Leftover> Leftovers, IReadOnlyList<LeftAlone> Alone);
