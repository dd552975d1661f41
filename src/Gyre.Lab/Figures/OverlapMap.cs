using System.Globalization;
using System.Numerics.Tensors;
using Gyre.Lab.RunFiles;
using Gyre.Torch;

namespace Gyre.Lab.Figures;

/// <summary>
/// SubspaceOverlap ‖V(t)ᵀV(t')‖_F²/k of the leading eigenvectors of a run at each pair of its bursts.
/// </summary>
/// <param name="Steps">The first steps of the bursts, in increasing order.</param>
/// <param name="Values">The overlap of each pair of bursts, 0 to 1.</param>
/// <param name="Sketched">Whether the vectors are count sketches. Sketches are made orthonormal before they are
/// compared, which gives overlaps to about 0.01.</param>
/// <param name="Kept">The number of bursts with vectors on disk, which exceeds the number of steps here if some were
/// left out.</param>
internal sealed record OverlapMap(IReadOnlyList<long> Steps, double[,] Values, bool Sketched, int Kept)
{
    private const int MostBursts = 300;
    private const double MostBytes = 512e6;
    private const float Independent = 1e-4f; // minimum share of a row's length outside the earlier rows' span

    /// <summary>
    /// Reads the eigenvectors of a run folder. Above 300 bursts or 512 MB, only every second, third, ... burst is
    /// read. Null with fewer than two bursts.
    /// </summary>
    /// <exception cref="RunFolderException">A file is damaged.</exception>
    public static OverlapMap? TryRead(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var files = Directory.Exists(folder.Eigenvectors)
            ? Directory
                .EnumerateFiles(folder.Eigenvectors, "step-*.safetensors")
                .Select(path => (Path: path, Step: StepOf(path)))
                .Where(file => file.Step >= 0)
                .OrderBy(file => file.Step)
                .ToArray()
            : [];
        if (files.Length < 2)
            return null;
        try
        {
            return Read(files);
        }
        catch (SafetensorsException error)
        {
            throw new RunFolderException(
                $"{error.Message} Without the folder {folder.Eigenvectors} the report has no map.",
                error
            );
        }
    }

    private static OverlapMap? Read((string Path, long Step)[] files)
    {
        var stride = Math.Max(
            (files.Length + MostBursts - 1) / MostBursts,
            (int)Math.Ceiling(files.Length * (double)new FileInfo(files[0].Path).Length / MostBytes)
        );
        var taken = files.Where((_, i) => i % stride == 0).ToArray();
        if (taken.Length < 2)
            return null;
        var blocks = taken.Select(file => Safetensors.ReadFloats(file.Path, EigenvectorFile.Vectors)).ToArray();
        if (blocks.Any(block => block.Shape.Count != 2 || !block.Shape.SequenceEqual(blocks[0].Shape)))
            throw new SafetensorsException(
                $"{taken[0].Path} and the files beside it contain vectors of different shapes."
            );
        var (pairs, sketched) = (
            (int)blocks[0].Shape[0],
            blocks[0].Metadata.GetValueOrDefault("kind") == EigenvectorFile.CountSketch
        );
        var spaces = blocks.Select(block => sketched ? Orthonormal(block.Values, pairs) : block.Values).ToArray();
        var values = new double[taken.Length, taken.Length];
        for (var i = 0; i < taken.Length; i++)
        {
            values[i, i] = Rank(spaces[i], pairs) / (double)pairs;
            for (var j = 0; j < i; j++)
                values[i, j] = values[j, i] = Overlap(spaces[i], spaces[j], pairs);
        }
        return new OverlapMap([.. taken.Select(file => file.Step)], values, sketched, files.Length);
    }

    /// <summary>
    /// Makes the rows orthonormal by two passes of Gram–Schmidt. A sketch preserves lengths and angles only to a few
    /// percent, but the overlap is defined for orthonormal bases. A row in the span of the earlier ones becomes 0.
    /// </summary>
    internal static float[] Orthonormal(float[] rows, int pairs)
    {
        var (made, length) = ((float[])rows.Clone(), rows.Length / pairs);
        for (var row = 0; row < pairs; row++)
        {
            var one = made.AsSpan(row * length, length);
            var before = TensorPrimitives.Norm<float>(one);
            for (var other = 0; other < 2 * row; other++)
            {
                var basis = made.AsSpan(other % row * length, length);
                TensorPrimitives.MultiplyAdd(basis, -TensorPrimitives.Dot<float>(one, basis), one, one);
            }
            var norm = TensorPrimitives.Norm<float>(one);
            TensorPrimitives.Multiply(one, norm > Independent * before ? 1 / norm : 0, one);
        }
        return made;
    }

    /// <summary>Counts the rows that are not 0, so that the overlap of a space with itself is exact.</summary>
    private static int Rank(float[] rows, int pairs) =>
        rows.Chunk(rows.Length / pairs).Count(row => row.Any(number => number != 0));

    private static double Overlap(float[] one, float[] other, int pairs)
    {
        var (length, sum) = (one.Length / pairs, 0.0);
        for (var a = 0; a < pairs; a++)
        {
            for (var b = 0; b < pairs; b++)
            {
                var cosine = TensorPrimitives.Dot<float>(
                    one.AsSpan(a * length, length),
                    other.AsSpan(b * length, length)
                );
                sum += (double)cosine * cosine;
            }
        }
        return Math.Clamp(sum / pairs, 0, 1);
    }

    private static long StepOf(string path) =>
        long.TryParse(
            Path.GetFileNameWithoutExtension(path)["step-".Length..],
            NumberStyles.None,
            CultureInfo.InvariantCulture,
            out var step
        )
            ? step
            : -1;
}
