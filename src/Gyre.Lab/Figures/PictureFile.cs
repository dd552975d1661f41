using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Figures;

/// <summary>A picture that was drawn elsewhere, as a file.</summary>
internal static class PictureFile
{
    /// <summary>Writes it whole or not at all; the folder is made if missing.</summary>
    /// <exception cref="RunFolderException">It cannot be written.</exception>
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
