using System.Globalization;
using Gyre.Lab.Curvature;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Measuring;

/// <summary>
/// Keeps the eigenvectors of every burst's first step, and the displacement of theta from its start. They are kept
/// whole if all of the run's fit the budget, otherwise as sketches that preserve inner products
/// (<see cref="CountSketch"/>). The choice is made before the run, so that all files of a run can be compared with
/// one another.
/// </summary>
internal sealed class EigenvectorFiles : IDisposable
{
    private const string Whole = "whole";
    private const int SketchWidth = 4096; // inner products are accurate to about 0.02
    private const int GivenBursts = 1000; // assumed for a training whose checkpoints arrive one by one

    private readonly RunFolder _folder;
    private readonly RunSpec _spec;
    private readonly CountSketch? _sketch;

    public EigenvectorFiles(RunFolder folder, RunSpec spec, ParameterLayout layout)
    {
        (_folder, _spec) = (folder, spec);
        var bytes =
            (double)(spec.Measured is null ? RunSchedules.Bursts(spec).Count : GivenBursts)
            * (spec.Curvature.Pairs + 1)
            * layout.Dimension
            * (layout.Dtype == ScalarType.Float64 ? 8 : 4);
        if (bytes > spec.Keeping.EigenvectorMegabytes * 1e6)
            _sketch = new CountSketch(
                layout.Dimension,
                SketchWidth,
                Seeds.For(spec.Seed, Purpose.Sketch),
                layout.Dtype,
                new Device(spec.Device)
            );
    }

    /// <summary>Writes the file of a step, either completely or not at all.</summary>
    /// <param name="step">The step.</param>
    /// <param name="vectors">The eigenvectors, <c>[k, n]</c>.</param>
    /// <param name="displacement">theta − theta_0, <c>[1, n]</c>; null if it is unknown.</param>
    /// <exception cref="RunFolderException">The disk is full or unavailable.</exception>
    public void Write(long step, Tensor vectors, Tensor? displacement)
    {
        using var scope = NewDisposeScope();
        var kept = new Dictionary<string, Tensor> { [EigenvectorFile.Vectors] = Kept(vectors) };
        if (displacement is not null)
            kept[EigenvectorFile.Displacement] = Kept(displacement);
        WriteFile(step, kept);
    }

    /// <summary>
    /// Copies the files of another run's steps before <paramref name="step"/>, in the form in which this run would
    /// have written them: a longer run may keep sketches where its parent kept whole eigenvectors. If the parent kept
    /// sketches and this run would keep whole eigenvectors, they are left out.
    /// </summary>
    /// <exception cref="RunFolderException">The disk is full or unavailable.</exception>
    /// <exception cref="SafetensorsException">A file of the other run is damaged.</exception>
    public void TakeFrom(RunFolder other, long step)
    {
        foreach (
            var file in Directory.Exists(other.Eigenvectors)
                ? Directory.EnumerateFiles(other.Eigenvectors, "step-*.safetensors")
                : []
        )
        {
            using var scope = NewDisposeScope();
            var content = Safetensors.Read(file);
            var whole = content.Metadata.GetValueOrDefault("kind") == Whole;
            var read = long.TryParse(
                content.Metadata.GetValueOrDefault("step"),
                CultureInfo.InvariantCulture,
                out var at
            );
            if (
                !read
                || !content.Tensors.ContainsKey(EigenvectorFile.Vectors)
                || at >= step
                || (_sketch is null && !whole)
            )
                continue;
            var tensors = content.Tensors.Where(pair =>
                pair.Key is EigenvectorFile.Vectors or EigenvectorFile.Displacement
            );
            WriteFile(
                at,
                tensors.ToDictionary(
                    pair => pair.Key,
                    pair => whole ? Kept(pair.Value.to(new Device(_spec.Device))) : pair.Value
                )
            );
        }
    }

    private Tensor Kept(Tensor rows) => _sketch?.Apply(rows) ?? rows;

    public void Dispose() => _sketch?.Dispose();

    private void WriteFile(long step, IReadOnlyDictionary<string, Tensor> kept)
    {
        var metadata = new Dictionary<string, string>
        {
            ["format"] = RunFolder.Format.ToString(CultureInfo.InvariantCulture),
            ["step"] = step.ToString(CultureInfo.InvariantCulture),
            ["kind"] = _sketch is null ? Whole : EigenvectorFile.CountSketch,
            ["seed"] = _spec.Seed.ToString(CultureInfo.InvariantCulture),
        };
        try
        {
            Directory.CreateDirectory(_folder.Eigenvectors);
            Safetensors.Write(EigenvectorFile.PathOf(_folder, step), kept, metadata);
        }
        catch (Exception error) when (error is SafetensorsException or IOException or UnauthorizedAccessException)
        {
            throw new RunFolderException(
                $"Eigenvectors cannot be written: {error.Message} Free some space and give the same command again, or "
                    + "lower run.eigenvectors_mb.",
                error
            );
        }
    }
}
