using Gyre.Torch;

namespace Gyre.Lab.Mpi;

/// <summary>
/// Reports on MPI for <c>gyre doctor</c>. Opens the library and reads its version without entering a world.
/// </summary>
internal static class MpiFinding
{
    private const string Subject = "MPI";

    /// <param name="variable">Returns the value of an environment variable, or null.</param>
    public static EngineFinding Create(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var (launcher, named) = (Launcher.Find(variable), variable(Launcher.LibraryVariable));
        var started = launcher is { Count: > 1 }
            ? $"; {launcher.Name} started {launcher.Count} processes, this is the one of rank {launcher.Rank}"
            : "";
        try
        {
            var library = MpiLibrary.Open(launcher, named);
            return new(Subject, FindingSeverity.Ok, $"{library.Version()}, {library.Name}{started}");
        }
        catch (RankGroupException error) when (started.Length > 0)
        {
            return new(Subject, FindingSeverity.Warning, $"no usable library{started}", error.Message);
        }
        catch (RankGroupException) when (!string.IsNullOrWhiteSpace(named))
        {
            return new(
                Subject,
                FindingSeverity.Warning,
                $"{Launcher.LibraryVariable}={named} is not an MPI library that can be opened",
                $"Set {Launcher.LibraryVariable} to one, or unset it."
            );
        }
        catch (RankGroupException)
        {
            return new(
                Subject,
                FindingSeverity.Ok,
                "not installed; only runs shared by several processes need it (docs/mpi.md)"
            );
        }
    }
}
