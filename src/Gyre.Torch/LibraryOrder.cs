namespace Gyre.Torch;

/// <summary>
/// In which order the libraries of a CUDA build are loaded. libtorch_cuda needs two dozen of NVIDIA's libraries; a
/// Python installation has them in packages of their own, <c>site-packages/nvidia/*/lib</c>, and finds them by the
/// paths inside its
/// files or, where those are wrong, by loading them first. So does this: each library before those that need it, by its
/// whole path, so that the system's loader finds it by name afterwards.
/// </summary>
internal static class LibraryOrder
{
    /// <summary>File name of libtorch's part for CUDA.</summary>
    public static string Cuda { get; } = OperatingSystem.IsWindows() ? "torch_cuda.dll" : "libtorch_cuda.so";

    /// <summary>Whether a folder holds a libtorch that was built for CUDA.</summary>
    public static bool IsCudaBuild(string folder) => File.Exists(Path.Combine(folder, Cuda));

    /// <summary>
    /// Where CUDA's libraries may lie beside a libtorch: its own folder, and the packages of the Python installation
    /// that it is part of.
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
    /// The libraries to load, in order, the last of them libtorch's own for CUDA; empty where the folder holds no CUDA
    /// build. What lies in none of the folders is left to the system's loader.
    /// </summary>
    /// <exception cref="InvalidDataException">A file is not a library of the known kind.</exception>
    public static IReadOnlyList<string> Sort(string folder)
    {
        if (!IsCudaBuild(folder))
            return [];
        if (!OperatingSystem.IsLinux())
            return [Path.Combine(folder, Cuda)]; // found beside it by the loader itself
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
