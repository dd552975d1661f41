using System.Globalization;
using System.Numerics.Tensors;
using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>A file of eigenvectors/: what it is called, and what it holds.</summary>
internal static class EigenvectorFile
{
    /// <summary>Eigenvectors, <c>[k, n]</c>, or their sketches.</summary>
    internal const string Vectors = "vectors";

    /// <summary>theta − theta_0, <c>[1, n]</c>, or its sketch; not in files of earlier versions.</summary>
    internal const string Displacement = "displacement";

    /// <summary>The kind of a file whose vectors are sketched.</summary>
    internal const string CountSketch = "count_sketch";

    /// <summary>The file of a step.</summary>
    public static string PathOf(RunFolder folder, long step)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return Path.Combine(
            folder.Eigenvectors,
            string.Create(CultureInfo.InvariantCulture, $"step-{step:D6}.safetensors")
        );
    }

    /// <summary>‖theta − theta'‖ of two steps of runs that began at one theta_0: of whole displacements exactly, of
    /// count sketches to about 1 % (one standard deviation, 1/√(2·4096)). NaN where one of them was not kept, or
    /// both were kept differently.</summary>
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
