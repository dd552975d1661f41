using Gyre.Lab.Mpi;
using Gyre.Lab.RunFiles;
using Gyre.Torch;

namespace Gyre.Lab.Running;

/// <summary>
/// Writes the lines of a run. The first rank alone writes; on the others every call does nothing. What cannot be written
/// ends the run: of a process alone at once; among several when they meet next, since until then the others wait for
/// this one's sums.
/// </summary>
internal sealed class RunJournal(RunFolder folder, TimeProvider time, RankGroup ranks) : IDisposable
{
    private RunWriter? _writer;

    /// <summary>What could not be written, until the ranks meet; null where everything was.</summary>
    public RunFolderException? Fault { get; private set; }

    /// <summary>Opens the files; those that are replayed are cut to the lengths given.</summary>
    /// <exception cref="RunFolderException">A file cannot be opened.</exception>
    public void Open(IReadOnlyDictionary<string, long> lengths) => _writer = new RunWriter(folder, lengths);

    /// <summary>Adds a line to the file of the record's kind.</summary>
    public void Append<T>(T record) => Write(writer => writer.Append(record));

    /// <summary>Adds a line to the history of the processes that worked on the run.</summary>
    public void Note(string kind, long step, string? detail) =>
        Append(
            new SessionRecord(time.GetUtcNow(), kind, step, Environment.ProcessId, detail)
            {
                Ranks = ranks.Count > 1 ? ranks.Count : null,
            }
        );

    /// <summary>Notes that memory ran out, where the files are open. What is on the disk stays as it is.</summary>
    public void NoteFault(MemoryFault fault)
    {
        if (_writer is not null)
            Note(SessionKinds.OutOfMemory, Checkpoints.Steps(folder) is [var latest, ..] ? latest : 0, fault.Message);
    }

    /// <summary>Writes, where this is the rank that does.</summary>
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

    /// <summary>Ends the run on every rank where something could not be written; every rank must ask.</summary>
    /// <exception cref="RunFolderException">It is this rank that could not write.</exception>
    /// <exception cref="FailedElsewhereException">It is another one.</exception>
    public void RequireWritten() => ranks.Succeed(Fault);

    public void Dispose() => _writer?.Dispose();
}
