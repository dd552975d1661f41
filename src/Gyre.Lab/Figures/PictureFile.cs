using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Figures;

/// <summary>A picture that was drawn elsewhere, as a file.</summary>
internal static class PictureFile
{
    /// <summary>Writes the picture atomically, creating the folder if it is missing.</summary>
    /// <exception cref="RunFolderException">The file cannot be written.</exception>
    public static void Write(string path, byte[] picture) =>
        RunFolder.Guarded(
            path,
            () =>
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
                WholeFile.Write(path, picture);
                return true;
            }
        );
}
