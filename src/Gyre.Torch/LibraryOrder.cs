namespace Gyre.Torch;

/// <summary>
/// Determines the order in which the libraries of a CUDA build are loaded. libtorch_cuda needs two dozen of NVIDIA's
/// libraries. A Python installation has them in packages of their own, <c>site-packages/nvidia/*/lib</c>. It finds
/// them by the paths inside its files or, if those are wrong, by loading them first. This class does the latter: it
/// lists each library before those that need it, by its full path, so that the system's loader finds it by name
/// afterwards.
/// </summary>
internal static class LibraryOrder
{
    /// <summary>The file name of libtorch's CUDA library.</summary>
    public static string Cuda { get; } = OperatingSystem.IsWindows() ? "torch_cuda.dll" : "libtorch_cuda.so";

    /// <summary>Whether a folder contains a libtorch that was built for CUDA.</summary>
    public static bool IsCudaBuild(string folder) => File.Exists(Path.Combine(folder, Cuda));

    /// <summary>
    /// Returns the folders in which the CUDA libraries of a libtorch may be: its own folder, and the packages of the
    /// Python installation that it is part of.
    /// </summary>
    public static IReadOnlyList<string> Folders(string folder)
    {
        var own = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        // site-packages/torch/lib → site-packages/nvidia
        var nvidia = Path.Combine(own, "..", "..", "nvidia");
        return Directory.Exists(nvidia)
            ?
            [
                own,
                .. Directory
                    .GetDirectories(Path.GetFullPath(nvidia))
                    .Select(package => Path.Combine(package, "lib"))
                    .Where(Directory.Exists)
                    .Order(StringComparer.Ordinal),
            ]
            : [own];
    }

    /// <summary>
    /// Returns the libraries to load, in order, ending with libtorch's own CUDA library; empty if the folder contains
    /// no CUDA build. Libraries that are in none of the folders are left to the system's loader.
    /// </summary>
    /// <exception cref="InvalidDataException">A file is not a library in a supported format.</exception>
    public static IReadOnlyList<string> Sort(string folder)
    {
        if (!IsCudaBuild(folder))
            return [];
        if (!OperatingSystem.IsLinux())
            return [Path.Combine(folder, Cuda)]; // the loader itself finds the others in the same folder
        var (folders, order, seen) = (Folders(folder), new List<string>(), new HashSet<string>(StringComparer.Ordinal));
        Visit(Cuda, folders, seen, order);
        return order;
    }

    private static void Visit(string name, IReadOnlyList<string> folders, HashSet<string> seen, List<string> order)
    {
        if (
            !seen.Add(name)
            || folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is not { } path
        )
            return;
        foreach (var needed in ElfFile.Using(path, elf => elf.Needed()))
            Visit(needed, folders, seen, order);
        order.Add(path);
    }
}
