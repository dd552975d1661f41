namespace Gyre.Lab.RunFiles;

/// <summary>The kind of a leftover.</summary>
internal enum LeftoverKind
{
    /// <summary>A file that a killed process left half-written.</summary>
    Temporary,

    /// <summary>A run that has begun, is not finished, and has no process working on it.</summary>
    Unfinished,

    /// <summary>An unfinished cell that its sweep's plan does not name.</summary>
    Unplanned,

    /// <summary>Files of a run without the spec.toml needed to resume it.</summary>
    Stump,
}

/// <summary>A file or a folder that may be removed.</summary>
/// <param name="Files">Files inside the folder that are removed with it; empty for a single file.</param>
/// <param name="Bytes">Total size.</param>
internal sealed record Leftover(LeftoverKind Kind, string Path, IReadOnlyList<string> Files, long Bytes);

/// <summary>A folder that is left alone although it is unfinished or has a flaw.</summary>
/// <param name="Why">The reason, as the end of a sentence.</param>
internal sealed record LeftAlone(string Path, string Why);

/// <summary>The result of a search for leftovers.</summary>
/// <param name="Leftovers">Leftovers that may be removed.</param>
/// <param name="Alone">Folders and files that may not be removed, with the reasons.</param>
internal sealed record LeftoverList(IReadOnlyList<Leftover> Leftovers, IReadOnlyList<LeftAlone> Alone);
