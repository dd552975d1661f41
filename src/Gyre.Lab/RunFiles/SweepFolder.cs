namespace Gyre.Lab.RunFiles;

/// <summary>The files of a sweep (docs/formats.md).</summary>
internal sealed record SweepFolder(string Path)
{
    /// <summary>The spec of the sweep, as given.</summary>
    public string Spec => In("sweep.toml");

    /// <summary>The sweep's current plan.</summary>
    public string Plan => In("plan.json");

    /// <summary>The values measured at theta_0.</summary>
    public string Calibrations => In("probes.jsonl");

    /// <summary>The history of the sweep.</summary>
    public string Log => In("log.jsonl");

    /// <summary>The lock file, held by the process that runs the sweep.</summary>
    public string Lock => In("lock");

    /// <summary>The folder of the cells' run folders.</summary>
    public string Cells => In("cells");

    /// <summary>The folder of the report and its figures.</summary>
    public string Report => In("report");

    /// <summary>
    /// The folder of cells that jobs of a cluster work on: one folder per cell, and in it one per attempt.
    /// </summary>
    public string Attempts => In(AttemptsName);

    /// <summary>The name of that folder.</summary>
    public const string AttemptsName = "attempts";

    /// <summary>The files through which the sweep and the jobs of a cluster communicate.</summary>
    public ClusterFolder Cluster => new(In("cluster"));

    /// <summary>Whether the folder holds a sweep.</summary>
    public bool Exists => File.Exists(Plan);

    /// <summary>
    /// Returns the current run folder of a cell: its result, or the latest attempt if there is no result.
    /// </summary>
    public RunFolder Cell(string folder)
    {
        var result = Result(folder);
        return result.Status == RunStatus.Missing && AttemptsAt(folder) is [.., var latest] ? latest.Folder : result;
    }

    /// <summary>
    /// Returns the run folder of a cell's result. A run on this machine works in it, and a finished attempt's folder
    /// is renamed to it.
    /// </summary>
    public RunFolder Result(string folder) => new(System.IO.Path.Combine(Cells, folder));

    /// <summary>Returns the attempts at a cell that have begun, the latest last.</summary>
    public IReadOnlyList<CellAttempt> AttemptsAt(string folder) =>
        CellAttempt.ReadAll(System.IO.Path.Combine(Attempts, folder));

    /// <summary>Returns an attempt at a cell with its run folder.</summary>
    public CellAttempt Attempt(string folder, AttemptNumber number) =>
        new(number, new RunFolder(System.IO.Path.Combine(Attempts, folder, $"{folder}.{number}")));

    /// <summary>
    /// Throws if a name that the sweep uses for a file or folder is taken by something of another kind, or by a link
    /// that leads out of the folder.
    /// </summary>
    /// <exception cref="RunFolderException">There is such an entry; the message names it.</exception>
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
