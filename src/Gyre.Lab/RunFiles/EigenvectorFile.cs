using System.Globalization;
using System.Numerics.Tensors;
using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>The names and contents of the files in eigenvectors/.</summary>
internal static class EigenvectorFile
{
    /// <summary>Name of the eigenvectors, <c>[k, n]</c>, or their sketches.</summary>
    internal const string Vectors = "vectors";

    /// <summary>
    /// Name of theta − theta_0, <c>[1, n]</c>, or its sketch; absent from files of earlier versions.
    /// </summary>
    internal const string Displacement = "displacement";

    /// <summary>The kind of a file with sketched vectors.</summary>
    internal const string CountSketch = "count_sketch";

    public static string PathOf(RunFolder folder, long step)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return Path.Combine(
            folder.Eigenvectors,
            string.Create(CultureInfo.InvariantCulture, $"step-{step:D6}.safetensors")
        );
    }

    /// <summary>
    /// Computes ‖theta − theta'‖ between two steps of runs that began at the same theta_0: exactly from whole
    /// displacements, to about 1 % from count sketches (one standard deviation, 1/√(2·4096)). NaN if one of the
    /// displacements was not kept, or if the two were stored differently.
    /// </summary>
    /// <exception cref="RunFolderException">A file is damaged.</exception>
    public static double Distance((RunFolder Folder, long Step) one, (RunFolder Folder, long Step) other)
    {
        var (a, b) = (PathOf(one.Folder, one.Step), PathOf(other.Folder, other.Step));
        try
        {
            if (!Holds(a) || !Holds(b))
                return double.NaN;
            var (x, y) = (Safetensors.ReadFloats(a, Displacement), Safetensors.ReadFloats(b, Displacement));
            var alike = x.Values.Length == y.Values.Length && KindOf(x.Metadata) == KindOf(y.Metadata);
            return alike ? TensorPrimitives.Distance<float>(x.Values, y.Values) : double.NaN;
        }
        catch (SafetensorsException error)
        {
            throw new RunFolderException(error.Message, error);
        }
    }

    private static string? KindOf(IReadOnlyDictionary<string, string> metadata) => metadata.GetValueOrDefault("kind");

    private static bool Holds(string file) =>
        File.Exists(file) && Safetensors.Describe(file).Entries.Any(entry => entry.Name == Displacement);
}
