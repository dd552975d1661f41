using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>Remarks about a program for a reader of its results.</summary>
internal static class ProgramRemarks
{
    private const int MostShown = 3;

    /// <summary>Returns remarks about buffers whose changes are discarded; empty if there are none.</summary>
    /// <param name="changed">The names of the buffers.</param>
    public static IEnumerable<string> ForBuffers(IReadOnlyList<string> changed)
    {
        if (changed.Count == 0)
            return [];
        var names = string.Join(", ", changed.Take(MostShown).Select(name => PlainText.Clipped(name, 80)));
        var more = changed.Count > MostShown ? $" and {changed.Count - MostShown} more" : "";
        return
        [
            $"The program would change {names}{more} at every call (it was exported in training mode). The changes are "
                + "not carried over from call to call, and norms use the statistics of each chunk, in the test set too.",
        ];
    }

    /// <summary>
    /// Returns remarks about stored tensors that are converted to another dtype; empty if there are none.
    /// </summary>
    /// <param name="program">The program, with the dtypes of its tensors.</param>
    /// <param name="dtype">The dtype in which real numbers are computed.</param>
    public static IEnumerable<string> ForTypes(ProgramGraph program, ScalarType dtype)
    {
        var others = program
            .Inputs.Where(one => one.Kind is InputKind.Parameter or InputKind.Buffer or InputKind.Constant)
            .SelectMany(one => one.Value.Names)
            .Select(name => program.Graph.Tensors.GetValueOrDefault(name)?.Dtype)
            .Where(one => one is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float64 && one != dtype)
            .GroupBy(one => one)
            .ToArray();
        return others.Select(group =>
            $"{group.Count()} {Counted.Noun(group.Count(), "tensor")} of {group.Key} {(group.Count() == 1 ? "is" : "are")} "
            + $"converted to {dtype}."
        );
    }
}
