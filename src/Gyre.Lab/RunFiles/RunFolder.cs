using System.Globalization;
using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>A run folder that cannot be read, written or used now; the message says what and what to do.</summary>
internal sealed class RunFolderException : GyreException
{
    /// <summary>Makes the exception with the sentences a user reads.</summary>
    public RunFolderException(string message, Exception? inner = null)
        : base(message, inner) { }

    /// <summary>Whether the folder is sound and only another process works on it.</summary>
    public bool Busy { get; init; }
}

/// <summary>How far a run folder is.</summary>
internal enum RunStatus
{
    /// <summary>Not there, or empty.</summary>
    Missing,

    /// <summary>Begun, without a summary.</summary>
    Unfinished,

    /// <summary>Its summary is written.</summary>
    Finished,
}

/// <summary>
/// Where the files of a run lie (docs/formats.md). Everything written there is append-only or written whole.
/// </summary>
/// <param name="Path">The folder.</param>
internal sealed record RunFolder(string Path)
{
    /// <summary>Version of the format; a folder of a newer one is refused by name.</summary>
    public const int Format = 1;

    /// <summary>The resolved spec.</summary>
    public string Spec => In("spec.toml");

    /// <summary>Versions, threads, device, machine, command line.</summary>
    public string Environment => In("environment.json");

    /// <summary>One line a step.</summary>
    public string Steps => In("steps.jsonl");

    /// <summary>One line a measurement.</summary>
    public string Curvature => In("curvature.jsonl");

    /// <summary>One line an event of the dynamics.</summary>
    public string Events => In("events.jsonl");

    /// <summary>Seconds by part, one line a step.</summary>
    public string Timings => In("timings.jsonl");

    /// <summary>History of the processes.</summary>
    public string Sessions => In("sessions.jsonl");

    /// <summary>Outcome and headline numbers, written last.</summary>
    public string Summary => In("summary.json");

    /// <summary>Held by the process that writes.</summary>
    public string Lock => In("lock");

    /// <summary>Folder of checkpoints.</summary>
    public string Checkpoints => In("checkpoints");

    /// <summary>Folder of eigenvectors.</summary>
    public string Eigenvectors => In("eigenvectors");

    /// <summary>Folder of figures.</summary>
    public string Report => In("report");

    /// <summary>The files that are equal byte for byte however often the run was killed.</summary>
    public IReadOnlyList<string> Replayed => [Steps, Curvature, Events];

    /// <summary>
    /// The run folder of a name beside this one; of an attempt at a cell, the sweep's cell of that name.
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
    /// Missing, unfinished or finished. A summary that cannot be read is none: the run writes it again from its last
    /// checkpoint.
    /// </summary>
    public RunStatus Status =>
        (ReadSummary() is not null, File.Exists(Spec)) switch
        {
            (true, _) => RunStatus.Finished,
            (_, true) => RunStatus.Unfinished,
            _ => RunStatus.Missing,
        };

    /// <summary>
    /// Whether no list in a summary holds a null: the reader of JSON sees to all but what is in lists.
    /// </summary>
    public static bool IsWhole(SummaryRecord summary)
    {
        ArgumentNullException.ThrowIfNull(summary);
        return summary.Cycles.All(cycle => cycle is not null);
    }

    /// <summary>summary.json; null where it is missing or no summary.</summary>
    internal SummaryRecord? ReadSummary() => ReadSummary(out _);

    /// <summary>Why summary.json is no summary, with its path; null where it is one, and where there is none.</summary>
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

    /// <summary>Refuses a folder in which something lies under the name of a file or folder of a run that is none, or a
    /// link that leads out. For whoever writes there, or looks for what may be missing.</summary>
    /// <exception cref="RunFolderException">There is such a thing, which is named.</exception>
    public void Hold()
    {
        FolderFile.Hold(Lock);
        foreach (var file in new[] { Spec, Environment, Steps, Curvature, Events, Timings, Sessions, Summary })
            FolderLinks.HoldFile(Path, file);
        foreach (var folder in new[] { Checkpoints, Eigenvectors, Report })
            FolderLinks.Hold(Path, folder);
    }

    /// <summary>Checks that this is a run folder of a version that this program knows.</summary>
    /// <exception cref="RunFolderException">It is not.</exception>
    public void Check()
    {
        if (!Directory.Exists(Path))
            throw new RunFolderException(
                $"{Path} is not a folder. A run folder is what `gyre run` makes, such as runs/fashion-mlp-…."
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

    /// <summary>Files that cannot be read, or are none, are their readers' to name.</summary>
    private static void CheckFormat(string path)
    {
        int? format = null;
        try
        {
            format = File.Exists(path) ? RunJson.NewerFormat(FolderFile.Bytes(path)) : null;
        }
        catch (RunFolderException)
        {
            // Named by whoever reads it.
        }
        if (format is { } newer)
            throw TooNew(path, newer);
    }

    /// <summary>What is said of a file or folder of a newer format.</summary>
    public static RunFolderException TooNew(string path, int format) =>
        new(
            FormattableString.Invariant(
                $"{path} has format {format}; this program knows formats up to {Format}. Use a newer version of gyre."
            )
        );

    /// <summary>Makes the folder with its first two files, spec.toml last: a folder with a spec is a run.</summary>
    /// <exception cref="RunFolderException">It cannot be written; what this call made is removed again.</exception>
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
                throw new RunFolderException($"{above} is a file; a run needs a folder. Name another with --out.");
        }
        Directory.CreateDirectory(Path);
        Directory.CreateDirectory(Checkpoints);
        WholeFile.Write(Environment, RunJson.Pretty(environment));
        WholeFile.Write(Spec, specText);
        return true;
    }

    /// <summary>Removes a folder that could not be begun, unless another process has begun it meanwhile.</summary>
    private void Withdraw()
    {
        try
        {
            if (Directory.Exists(Path) && !File.Exists(Spec))
                Directory.Delete(Path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The failure that led here is the one to report.
        }
    }

    /// <summary>
    /// Removes half-written files that killed processes left beside their targets, but not those of processes that
    /// live: they may have
    /// lost the race for the lock a moment ago. Call while holding the lock.
    /// </summary>
    /// <exception cref="RunFolderException">One cannot be removed.</exception>
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

    /// <summary>Turns failures of the file system into one exception with a cure.</summary>
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

/// <summary>A file written whole or not at all: beside, flushed to the disk, renamed.</summary>
internal static class WholeFile
{
    /// <summary>
    /// Whether the process that a half-written file is named after lives, and is another than this one.
    /// </summary>
    public static bool IsBeingWritten(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        var isNumbered = int.TryParse(name.Split('.')[^2], NumberStyles.None, CultureInfo.InvariantCulture, out var id);
        if (name[0] == '.' || !isNumbered || id == System.Environment.ProcessId)
            return false; // a name that begins with a dot is written under the lock alone
        try
        {
            using var process = System.Diagnostics.Process.GetProcessById(id);
            return File.GetLastWriteTimeUtc(path) >= process.StartTime.ToUniversalTime();
        }
        catch (Exception error)
            when (error is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false; // it has gone
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
