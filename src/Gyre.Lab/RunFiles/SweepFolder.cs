namespace Gyre.Lab.RunFiles;

/// <summary>Where the files of a sweep lie (docs/formats.md).</summary>
/// <param name="Path">The folder.</param>
internal sealed record SweepFolder(string Path)
{
    /// <summary>The spec of the sweep, as given.</summary>
    public string Spec => In("sweep.toml");

    /// <summary>What the sweep is made of now.</summary>
    public string Plan => In("plan.json");

    /// <summary>What was measured at theta_0.</summary>
    public string Calibrations => In("probes.jsonl");

    /// <summary>What happened.</summary>
    public string Log => In("log.jsonl");

    /// <summary>Held by the process that runs the sweep.</summary>
    public string Lock => In("lock");

    /// <summary>Folder of the cells' run folders.</summary>
    public string Cells => In("cells");

    /// <summary>Folder of the report and its figures.</summary>
    public string Report => In("report");

    /// <summary>Folder of cells that jobs of a cluster work on: a folder a cell, in it one an attempt.</summary>
    public string Attempts => In(AttemptsName);

    /// <summary>Name of that folder.</summary>
    public const string AttemptsName = "attempts";

    /// <summary>What the jobs of a cluster were told, and what they say.</summary>
    public ClusterFolder Cluster => new(In("cluster"));

    /// <summary>Whether there is a sweep.</summary>
    public bool Exists => File.Exists(Plan);

    /// <summary>The run folder of a cell as it is now: its result, or what the latest attempt has of it.</summary>
    public RunFolder Cell(string folder)
    {
        var result = Result(folder);
        return result.Status == RunStatus.Missing && AttemptsAt(folder) is [.., var latest] ? latest.Folder : result;
    }

    /// <summary>
    /// The run folder of a cell's result: what a run on this machine works in, and an attempt's folder becomes when it
    /// is done.
    /// </summary>
    public RunFolder Result(string folder) => new(System.IO.Path.Combine(Cells, folder));

    /// <summary>The attempts of a cell that have begun, the latest last.</summary>
    public IReadOnlyList<CellAttempt> AttemptsAt(string folder) =>
        CellAttempt.ReadAll(System.IO.Path.Combine(Attempts, folder));

    /// <summary>The folder that an attempt at a cell works in.</summary>
    public CellAttempt Attempt(string folder, AttemptNumber number) =>
        new(number, new RunFolder(System.IO.Path.Combine(Attempts, folder, $"{folder}.{number}")));

    /// <summary>
    /// Refuses a folder in which something lies under the name of a file or folder of a sweep that is none, or a link
    /// that leads out.
    /// </summary>
    /// <exception cref="RunFolderException">There is such a thing, which is named.</exception>
    public void Hold()
    {
        FolderFile.Hold(Lock);
        foreach (var file in new[] { Spec, Plan, Calibrations, Log })
            FolderLinks.HoldFile(Path, file);
        foreach (var folder in new[] { Cells, Attempts, Report, Cluster.Path })
            FolderLinks.Hold(Path, folder);
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}
