using System.Runtime.InteropServices;
using System.Text;

namespace Gyre.Lab.Mpi;

/// <summary>
/// The functions of the system's MPI library that Gyre calls, opened at run time. The handles of Open MPI are
/// addresses; those of MPICH and its relatives (Intel MPI, MVAPICH, Cray) are 32-bit numbers. Both pass as native
/// integers. The symbol of Open MPI's world distinguishes the two.
/// </summary>
internal sealed unsafe partial class MpiLibrary
{
    private const int LazyNever = 2; // RTLD_NOW
    private const int Global = 0x100; // RTLD_GLOBAL: Open MPI's plug-ins look up the library's own symbols
    private const int Funneled = 1; // MPI_THREAD_FUNNELED: several threads exist, one calls MPI
    private const int LongestVersion = 8192; // exceeds every library's MPI_MAX_LIBRARY_VERSION_STRING

    private static readonly string[] OpenMpiNames = ["libmpi.so.40", "libmpi.so.80", "libmpi.so.20"];
    private static readonly string[] MpichNames = ["libmpich.so.12", "libmpi.so.12"];

    private readonly delegate* unmanaged<nint, nint, int, int*, int> _initThread;
    private readonly delegate* unmanaged<nint, int*, int> _commRank;
    private readonly delegate* unmanaged<nint, int*, int> _commSize;
    private readonly delegate* unmanaged<byte*, int, nint, int, int, nint, nint*, int> _isend;
    private readonly delegate* unmanaged<byte*, int, nint, int, int, nint, nint*, int> _irecv;
    private readonly delegate* unmanaged<nint*, int*, nint, int> _test;
    private readonly delegate* unmanaged<nint, int, int> _abort;
    private readonly delegate* unmanaged<int> _finalize;
    private readonly delegate* unmanaged<nint, nint, int> _setErrorHandler;
    private readonly delegate* unmanaged<byte*, int*, int> _version;
    private readonly nint _world;
    private readonly nint _byte;
    private readonly nint _errorsReturn;
    private readonly nint _statusIgnore;

    private MpiLibrary(nint library, string name)
    {
        Name = name;
        nint Find(string symbol) =>
            NativeLibrary.TryGetExport(library, symbol, out var address)
                ? address
                : throw new RankGroupException(
                    $"{name} is not an MPI library: it has no {symbol}. Set {Launcher.LibraryVariable} to one."
                );
        _initThread = (delegate* unmanaged<nint, nint, int, int*, int>)Find("MPI_Init_thread");
        _commRank = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_rank");
        _commSize = (delegate* unmanaged<nint, int*, int>)Find("MPI_Comm_size");
        _isend = (delegate* unmanaged<byte*, int, nint, int, int, nint, nint*, int>)Find("MPI_Isend");
        _irecv = (delegate* unmanaged<byte*, int, nint, int, int, nint, nint*, int>)Find("MPI_Irecv");
        _test = (delegate* unmanaged<nint*, int*, nint, int>)Find("MPI_Test");
        _abort = (delegate* unmanaged<nint, int, int>)Find("MPI_Abort");
        _finalize = (delegate* unmanaged<int>)Find("MPI_Finalize");
        _setErrorHandler = (delegate* unmanaged<nint, nint, int>)Find("MPI_Comm_set_errhandler");
        _version = (delegate* unmanaged<byte*, int*, int>)Find("MPI_Get_library_version");
        IsOpenMpi = NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out var world);
        (_world, _byte, _errorsReturn, _statusIgnore) = IsOpenMpi
            ? (world, Find("ompi_mpi_byte"), Find("ompi_mpi_errors_return"), 0)
            : (0x44000000, 0x4c00010d, 0x54000001, 1);
    }

    /// <summary>The name under which it was opened.</summary>
    public string Name { get; }

    /// <summary>Whether this is Open MPI; otherwise it has MPICH's interface.</summary>
    public bool IsOpenMpi { get; }

    /// <summary>Opens the named library, or one that matches the launcher.</summary>
    /// <param name="launcher">The launcher, or null if none is known.</param>
    /// <param name="named">A name or path; null or empty for the usual names.</param>
    /// <exception cref="RankGroupException">No library can be opened; the message gives the remedy.</exception>
    public static MpiLibrary Open(Launcher? launcher, string? named)
    {
        if (!OperatingSystem.IsLinux())
            throw new RankGroupException(
                "Several processes can share a run over MPI only on Linux. Start one process here; it gives "
                    + "the same numbers."
            );
        var isNamed = !string.IsNullOrWhiteSpace(named);
        string[] names = isNamed
            ? [named!]
            : launcher?.OpenMpi switch
            {
                true => OpenMpiNames,
                false => MpichNames,
                null => [.. OpenMpiNames, .. MpichNames],
            };
        var faults = new List<string>();
        foreach (var name in names)
        {
            if (DlOpen(name, LazyNever | Global) is not 0 and var library)
                return new MpiLibrary(library, name);
            faults.Add(Marshal.PtrToStringUTF8(DlError()) ?? name);
        }
        throw new RankGroupException(
            $"{launcher?.Name ?? Launcher.LibraryVariable} requests several processes, but no MPI library can "
                + $"be opened: {faults[0]}. "
                + (
                    isNamed
                        ? $"Set {Launcher.LibraryVariable} to one, or unset it."
                        : "Install it (Debian, Ubuntu: openmpi-bin or mpich) or load its module, or set "
                            + $"{Launcher.LibraryVariable} to it."
                )
        );
    }

    /// <summary>
    /// Enters the world, once per process. From then on, a lost rank raises an error and does not end this process
    /// before the parent of the lost process has reported how it died.
    /// </summary>
    public void Init()
    {
        var provided = 0;
        Check(_initThread(0, 0, Funneled, &provided), "MPI_Init_thread");
        Check(_setErrorHandler(_world, _errorsReturn), "MPI_Comm_set_errhandler");
    }

    public int Rank()
    {
        var rank = 0;
        Check(_commRank(_world, &rank), "MPI_Comm_rank");
        return rank;
    }

    /// <summary>Returns the number of ranks in the world.</summary>
    public int Size()
    {
        var size = 0;
        Check(_commSize(_world, &size), "MPI_Comm_size");
        return size;
    }

    /// <summary>Returns the first line of the library's own version text, up to the first comma.</summary>
    public string Version()
    {
        var text = stackalloc byte[LongestVersion];
        var length = 0;
        Check(_version(text, &length), "MPI_Get_library_version");
        var said = Encoding.UTF8.GetString(text, Math.Min(length, LongestVersion)).TrimEnd('\0');
        return string.Join(
            ' ',
            said.Split('\n')[0].Split(',')[0].Split((char[])[' ', '\t', ':'], StringSplitOptions.RemoveEmptyEntries)
        );
    }

    /// <summary>Begins to send; the buffer must stay valid until <see cref="Done"/> returns true.</summary>
    public nint BeginSend(byte* bytes, int count, int to)
    {
        nint request = 0;
        Check(_isend(bytes, count, _byte, to, 0, _world, &request), "MPI_Isend");
        return request;
    }

    /// <summary>Begins to receive; the buffer must stay valid until <see cref="Done"/> returns true.</summary>
    public nint BeginReceive(byte* bytes, int count, int from)
    {
        nint request = 0;
        Check(_irecv(bytes, count, _byte, from, 0, _world, &request), "MPI_Irecv");
        return request;
    }

    /// <summary>Returns whether a request is complete; each call also advances all pending requests.</summary>
    public bool Done(ref nint request)
    {
        var done = 0;
        fixed (nint* at = &request)
            Check(_test(at, &done, _statusIgnore), "MPI_Test");
        return done != 0;
    }

    public void Abort(int exitCode) => _ = _abort(_world, exitCode);

    /// <summary>Leaves the world; every rank must call it.</summary>
    public void Finish() => Check(_finalize(), "MPI_Finalize");

    private void Check(int code, string function)
    {
        if (code != 0)
            throw new RankGroupException(
                $"{function} of {Name} failed with code {code}: another rank has probably died. The same "
                    + "command resumes from the last checkpoint."
            )
            {
                Failed = true,
            };
    }

    // libdl.so.2 exists under every glibc; if dlopen is part of the C library itself, libdl.so.2 refers to it.
    [LibraryImport("libdl.so.2", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint DlOpen(string name, int flags);

    [LibraryImport("libdl.so.2", EntryPoint = "dlerror")]
    private static partial nint DlError();
}
