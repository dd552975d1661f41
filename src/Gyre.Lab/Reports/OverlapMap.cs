using System.Globalization;
using Gyre.Lab.Runs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Reports;

/// <summary>SubspaceOverlap ‖V(t)ᵀV(t')‖_F²/k of the leading eigenvectors of a run at every two of its bursts.</summary>
/// <param name="Steps">The bursts' first steps, rising.</param>
/// <param name="Values">Overlap of two of them, 0 to 1.</param>
/// <param name="Sketched">Whether the vectors were kept as count sketches, which keep inner products to about 0.02; on the diagonal such a map is not quite 1.</param>
/// <param name="Kept">Bursts whose vectors are on disk; more than there are steps here where some were left out.</param>
internal sealed record OverlapMap(IReadOnlyList<long> Steps, double[,] Values, bool Sketched, int Kept)
{
    private const int MostBursts = 300;
    private const double MostBytes = 512e6;

    /// <summary>Reads the eigenvectors of a run folder. Of more than 300 bursts, or more than 512 MB, every second, third, ... is taken. Null with fewer than two bursts.</summary>
    /// <exception cref="RunFolderException">A file is damaged.</exception>
    public static OverlapMap? Of(RunFolder folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        var files = Directory.Exists(folder.Eigenvectors)
            ? Directory.EnumerateFiles(folder.Eigenvectors, "step-*.safetensors").Select(path => (Path: path, Step: StepOf(path))).Where(file => file.Step >= 0).OrderBy(file => file.Step).ToArray()
            : [];
        if (files.Length < 2)
            return null;
        try
        {
            return Read(files);
        }
        catch (SafetensorsException error)
        {
            throw new RunFolderException($"{error.Message} Without the folder {folder.Eigenvectors} the report is made without its map.", error);
        }
    }

    private static OverlapMap Read((string Path, long Step)[] files)
    {
        LibTorch.Load();
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var stride = Math.Max((files.Length + MostBursts - 1) / MostBursts, (int)Math.Ceiling(files.Length * (double)new FileInfo(files[0].Path).Length / MostBytes));
        var taken = files.Where((_, i) => i % stride == 0).ToArray();
        var contents = taken.Select(file => Safetensors.Read(file.Path)).ToArray();
        var blocks = stack(contents.Select(content => content.Tensors["vectors"].to(ScalarType.Float32)));
        var (count, pairs) = ((int)blocks.shape[0], (int)blocks.shape[1]);
        var rows = blocks.flatten(0, 1);
        var gram = rows.mm(rows.t()).square().reshape(count, pairs, count, pairs).sum([1, 3]).div(pairs).clamp(0, 1).to(ScalarType.Float64).contiguous();
        var numbers = gram.data<double>().ToArray();
        var values = new double[count, count];
        Buffer.BlockCopy(numbers, 0, values, 0, sizeof(double) * numbers.Length);
        return new OverlapMap([.. taken.Select(file => file.Step)], values, contents[0].Metadata.GetValueOrDefault("kind") == "count_sketch", files.Length);
    }

    private static long StepOf(string path) =>
        long.TryParse(Path.GetFileNameWithoutExtension(path)["step-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1;
}
