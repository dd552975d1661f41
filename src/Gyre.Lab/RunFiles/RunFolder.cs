using System.Globalization;
using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>
/// Thrown if a run folder cannot be read or written, or not at this time; the message gives the cause and the remedy.
/// </summary>
internal sealed class RunFolderException : GyreException
{
    /// <summary>Creates the exception with the message for the user.</summary>
    public RunFolderException(string message, Exception? inner = null)
        : base(message, inner) { }

    /// <summary>Whether the folder is sound and merely in use by another process.</summary>
    public bool Busy { get; init; }
}

/// <summary>The progress of a run, judged by its folder.</summary>
internal enum RunStatus
{
    /// <summary>There is neither a spec.toml nor a readable summary.</summary>
    Missing,

    /// <summary>The run has begun, but has no readable summary.</summary>
    Unfinished,

    /// <summary>The summary has been written.</summary>
    Finished,
}

/// <summary>The files of a run (docs/formats.md). Every file is append-only or written whole.</summary>
internal sealed record RunFolder(string Path)
{
    /// <summary>
    /// The version of the format; a folder with a newer format is refused with a message that names it.
    /// </summary>
    public const int Format = 1;

    /// <summary>The resolved spec.</summary>
    public string Spec => In("spec.toml");

    /// <summary>Versions, threads, device, machine, command line.</summary>
    public string Environment => In("environment.json");

    /// <summary>One line per step.</summary>
    public string Steps => In("steps.jsonl");

    /// <summary>One line per measurement.</summary>
    public string Curvature => In("curvature.jsonl");

    /// <summary>One line per event of the dynamics.</summary>
    public string Events => In("events.jsonl");

    /// <summary>Seconds by part, one line per step.</summary>
    public string Timings => In("timings.jsonl");

    /// <summary>The history of the processes.</summary>
    public string Sessions => In("sessions.jsonl");

    /// <summary>The outcome and headline numbers, written last.</summary>
    public string Summary => In("summary.json");

    /// <summary>The lock file, held by the process that writes.</summary>
    public string Lock => In("lock");

    /// <summary>The folder of checkpoints.</summary>
    public string Checkpoints => In("checkpoints");

    /// <summary>The folder of eigenvectors.</summary>
    public string Eigenvectors => In("eigenvectors");

    /// <summary>The folder of figures.</summary>
    public string Report => In("report");

    /// <summary>The files that are byte-identical however often the run was killed.</summary>
    public IReadOnlyList<string> Replayed => [Steps, Curvature, Events];

    /// <summary>
    /// Returns the run folder with a given name next to this one. For an attempt at a cell, returns the sweep's cell
    /// with that name.
    /// </summary>
    public RunFolder GetSibling(string name)
    {
        var above = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
        return
            System.IO.Path.GetDirectoryName(above) is { } attempts
            && System.IO.Path.GetFileName(attempts) == SweepFolder.AttemptsName
            ? new SweepFolder(System.IO.Path.GetDirectoryName(attempts)!).Cell(name)
            : new RunFolder(System.IO.Path.Combine(above, name));
    }

    /// <summary>
    /// Whether the run is missing, unfinished or finished. An unreadable summary counts as missing: the run writes it
    /// again from its last checkpoint.
    /// </summary>
    public RunStatus Status =>
        (ReadSummary() is not null, File.Exists(Spec)) switch
        {
            (true, _) => RunStatus.Finished,
            (_, true) => RunStatus.Unfinished,
            _ => RunStatus.Missing,
        };

    /// <summary>
    /// Whether no list in a summary contains a null. The JSON reader checks everything except the elements of lists.
    /// </summary>
    public static bool IsWhole(SummaryRecord summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return summary.Cycles.All(cycle => cycle is not null);
    }

    /// <summary>Reads summary.json; null if it is missing or not a summary.</summary>
    internal SummaryRecord? ReadSummary() => ReadSummary(out _);

    /// <summary>
    /// Returns a message, with the path, if summary.json is not a summary; null if it is one or is missing.
    /// </summary>
    internal string? SummaryFlaw() => ReadSummary(out var flaw) is null ? flaw : null;

    private SummaryRecord? ReadSummary(out string? flaw)
    {
        flaw = null;
        if (!System.IO.Path.Exists(Summary))
            return null;
        try
        {
            if (RunJson.Read<SummaryRecord>(FolderFile.Bytes(Summary)) is { } summary && IsWhole(summary))
                return summary;
            flaw = $"{Summary} is not a summary. Remove it: `gyre run` of its folder writes it again.";
        }
        catch (RunFolderException error)
        {
            flaw = error.Message;
        }
        return null;
    }

    /// <summary>
    /// Throws if a name that the run uses for a file or folder is taken by something of another kind, or by a link
    /// that leads out of the folder. Call before writing to the folder, or before looking for missing files.
    /// </summary>
    /// <exception cref="RunFolderException">There is such an entry; the message names it.</exception>
    public void Hold()
    {
        FolderFile.Hold(Lock);
        foreach (var file in new[] { Spec, Environment, Steps, Curvature, Events, Timings, Sessions, Summary })
            FolderLinks.HoldFile(Path, file);
        foreach (var folder in new[] { Checkpoints, Eigenvectors, Report })
            FolderLinks.Hold(Path, folder);
    }

    private string Absence => File.Exists(Path) ? $"{Path} is a file, not a folder" : $"There is no folder {Path}";

    /// <summary>Checks that this is a run folder in a format that this program supports.</summary>
    /// <exception cref="RunFolderException">It is not.</exception>
    public void Check()
    {
        if (!Directory.Exists(Path))
            throw new RunFolderException(
                $"{Absence}. `gyre run` creates run folders in runs/, `gyre sweep` sweep folders in sweeps/; `gyre ls` "
                    + "lists both."
            );
        if (!System.IO.Path.Exists(Spec))
            throw new RunFolderException($"{Path} is not a run folder: it has no spec.toml.");
        var first = FolderFile.Text(Spec).Split('\n')[0];
        var parts = first.Split('=');
        if (
            parts.Length != 2
            || parts[0].Trim() != "format"
            || !int.TryParse(parts[1], NumberStyles.Integer, CultureInfo.InvariantCulture, out var format)
        )
            throw new RunFolderException(
                $"{Spec} does not begin with its format's version: it was not written by `gyre run`."
            );
        if (format > Format)
            throw TooNew(Path, format);
        foreach (var file in new[] { Environment, Summary })
            CheckFormat(file);
    }

    /// <summary>Checks only the format of a JSON file; the code that reads the file reports other flaws.</summary>
    private static void CheckFormat(string path)
    {
        int? format = null;
        try
        {
            format = File.Exists(path) ? RunJson.NewerFormat(FolderFile.Bytes(path)) : null;
        }
        catch (RunFolderException)
        {
            // The code that reads the file reports this.
        }
        if (format is { } newer)
            throw TooNew(path, newer);
    }

    /// <summary>Creates the exception for a file or folder with a newer format.</summary>
    public static RunFolderException TooNew(string path, int format) =>
        new(
            FormattableString.Invariant(
                $"{path} has format {format}; this program supports formats up to {Format}. Use a newer version of gyre."
            )
        );

    /// <summary>
    /// Creates the folder with its first two files. spec.toml is written last, since a folder with a spec is a run.
    /// </summary>
    /// <exception cref="RunFolderException">The folder cannot be written; if this call created it, it is removed
    /// again.</exception>
    public void Create(string specText, EnvironmentRecord environment)
    {
        var fresh = !Directory.Exists(Path);
        try
        {
            Guarded(Path, () => Fill(specText, environment));
        }
        catch (RunFolderException) when (fresh)
        {
            Withdraw();
            throw;
        }
    }

    private bool Fill(string specText, EnvironmentRecord environment)
    {
        for (
            var above = System.IO.Path.GetFullPath(Path);
            above is not null;
            above = System.IO.Path.GetDirectoryName(above)
        )
        {
            if (File.Exists(above))
                throw new RunFolderException($"{above} is a file; a run needs a folder. Choose another with --out.");
        }
        Directory.CreateDirectory(Path);
        Directory.CreateDirectory(Checkpoints);
        WholeFile.Write(Environment, RunJson.Pretty(environment));
        WholeFile.Write(Spec, specText);
        return true;
    }

    /// <summary>
    /// Removes a folder that could not be begun, unless another process has begun it in the meantime.
    /// </summary>
    private void Withdraw()
    {
        try
        {
            if (Directory.Exists(Path) && !File.Exists(Spec))
                Directory.Delete(Path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The original failure is the one to report.
        }
    }

    /// <summary>
    /// Removes half-written files that killed processes left next to their targets, except those of live processes,
    /// which may have lost the race for the lock a moment ago. Call while holding the lock.
    /// </summary>
    /// <exception cref="RunFolderException">A file cannot be removed.</exception>
    internal void Sweep()
    {
        foreach (var folder in new[] { Path, Checkpoints, Eigenvectors, Report }.Where(Directory.Exists))
        {
            Guarded(
                folder,
                () =>
                {
                    foreach (
                        var left in Directory
                            .EnumerateFiles(folder, "*.tmp")
                            .Where(left => !WholeFile.IsBeingWritten(left))
                    )
                        File.Delete(left);
                    return true;
                }
            );
        }
    }

    /// <summary>Converts failures of the file system into one exception with a remedy.</summary>
    internal static T Guarded<T>(string path, Func<T> act)
    {
        try
        {
            return act();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            throw new RunFolderException(
                $"{path} cannot be used: {error.Message.TrimEnd('.')}. {FileFault.Cure(error)}",
                error
            );
        }
    }

    private string In(string name) => System.IO.Path.Combine(Path, name);
}

/// <summary>Writes a file whole or not at all: to a temporary file, which is flushed to disk and renamed.</summary>
internal static class WholeFile
{
    /// <summary>Whether the process named by a half-written file's name is alive and is not this process.</summary>
    public static bool IsBeingWritten(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        var isNumbered = int.TryParse(name.Split('.')[^2], NumberStyles.None, CultureInfo.InvariantCulture, out var id);
        if (name[0] == '.' || !isNumbered || id == System.Environment.ProcessId)
            return false; // files whose names begin with a dot are written only under the lock
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return File.GetLastWriteTimeUtc(path) >= process.StartTime.ToUniversalTime();
        }
        catch (Exception error)
            when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false; // the process has exited
        }
    }

    public static void Write(string path, string text) => Write(path, System.Text.Encoding.UTF8.GetBytes(text));

    public static void Write(string path, byte[] bytes) => Write(path, stream => stream.Write(bytes));

    public static void Write(string path, Action<Stream> write)
    {
        var beside = $"{path}.{System.Environment.ProcessId}.tmp";
        try
        {
            using (var stream = new FileStream(beside, FileMode.Create, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(beside, path, overwrite: true);
        }
        catch
        {
            File.Delete(beside);
            throw;
        }
    }
}
