using Gyre.Lab.Mpi;
using Gyre.Lab.RunFiles;
using Gyre.Torch;

namespace Gyre.Lab.Running;

/// <summary>
/// Writes the lines of a run. Only the first rank writes; on the others every call does nothing. A failed write ends
/// the run. A process alone ends at once; several ranks end when they next synchronize, because until then the others
/// wait for this rank's sums.
/// </summary>
internal sealed class RunJournal(RunFolder folder, TimeProvider time, RankGroup ranks) : IDisposable
{
    private RunWriter? _writer;

    /// <summary>The failure to write, kept until the ranks synchronize; null if there is none.</summary>
    public RunFolderException? Fault { get; private set; }

    /// <summary>Opens the files; those that are replayed are cut to the given lengths.</summary>
    /// <exception cref="RunFolderException">A file cannot be opened.</exception>
    public void Open(IReadOnlyDictionary<string, long> lengths) => _writer = new RunWriter(folder, lengths);

    /// <summary>Appends a line to the file of the record's kind.</summary>
    public void Append<T>(T record) => Write(writer => writer.Append(record));

    /// <summary>Appends a line to the history of the processes that worked on the run.</summary>
    public void Note(string kind, long step, string? detail) =>
        Append(
            new SessionRecord(time.GetUtcNow(), kind, step, Environment.ProcessId, detail)
            {
                Ranks = ranks.Count > 1 ? ranks.Count : null,
            }
        );

    /// <summary>Records that memory ran out, if the files are open. The data on the disk stays as it is.</summary>
    public void NoteFault(MemoryFault fault)
    {
        if (_writer is not null)
            Note(SessionKinds.OutOfMemory, Checkpoints.Steps(folder) is [var latest, ..] ? latest : 0, fault.Message);
    }

    /// <summary>Writes on rank 0 only.</summary>
    public void Write(Action<RunWriter> write)
    {
        if (!ranks.Leads || Fault is not null)
            return;
        try
        {
            write(_writer!);
        }
        catch (RunFolderException error) when (ranks.Count > 1)
        {
            Fault = error;
        }
    }

    /// <summary>Ends the run on every rank if something could not be written; every rank must call it.</summary>
    /// <exception cref="RunFolderException">This rank could not write.</exception>
    /// <exception cref="FailedElsewhereException">Another rank could not write.</exception>
    public void RequireWritten() => ranks.Succeed(Fault);

    public void Dispose() => _writer?.Dispose();
}
