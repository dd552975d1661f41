namespace Gyre.Lab.Runs;

/// <summary>Where the files of a sweep lie (docs/formats.md).</summary>
/// <param name="Path">The folder.</param>
public sealed record SweepFolder(string Path)
{
    /// <summary>The spec of the sweep, as given.</summary>
    public string Spec => In("sweep.toml");

    /// <summary>What the sweep is made of now.</summary>
    public string Plan => In("plan.json");

    /// <summary>What was measured at theta_0.</summary>
    public string Probes => In("probes.jsonl");

    /// <summary>What happened.</summary>
    public string Log => In("log.jsonl");

    /// <summary>Held by the process that runs the sweep.</summary>
    public string Lock => In("lock");

    /// <summary>Folder of the cells' run folders.</summary>
    public string Cells => In("cells");

    /// <summary>Folder of the report and its figures.</summary>
    public string Report => In("report");

    /// <summary>Whether there is a sweep.</summary>
    public bool Exists => File.Exists(Plan);

    /// <summary>The run folder of a cell.</summary>
    public RunFolder Cell(string folder) => new(System.IO.Path.Combine(Cells, folder));

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
