using System.Globalization;
using Gyre.Lab.Figures;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Statistics;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Reports;

/// <summary>The report of an inspection: rows of a table, and files.</summary>
internal static class InspectionReport
{
    private const string Name = "inspect.json";

    /// <summary>Returns the headline numbers: name, value, note.</summary>
    public static IReadOnlyList<(string Name, string Value, string Note)> Rows(InspectionRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var rows = new List<(string, string, string)>
        {
            (
                "network",
                record.Model,
                $"{Counted.Format(record.Parameters, "parameter")} in {Counted.Format(record.Chosen.Count, "tensor")}"
            ),
            (
                "data",
                record.Data,
                record.SamplesAtHand is { } all && all != record.Samples
                    ? $"{Count(record.Samples)} of {Counted.Format(all, "sample")}"
                    : $"all {Counted.Format(record.Samples, "sample")}"
            ),
            (
                "loss",
                NumberText.Format(record.Loss, 6),
                double.IsFinite(record.Accuracy)
                    ? $"accuracy {Percent.Format(record.Accuracy)}"
                    : "numeric targets have no accuracy"
            ),
            ("gradient", NumberText.Format(record.GradientNorm, 4), "norm"),
        };
        rows.AddRange(record.Top.Select((pair, i) => Pair($"eigenvalue {i + 1}", pair, record)));
        rows.AddRange(record.Bottom.Select((pair, i) => Pair(BottomName(record, i), pair, record)));
        if (record.Floor is { } floor)
            rows.Add(Smallest(floor));
        if (record.Trace is { } trace)
            rows.Add(
                (
                    "trace",
                    $"{NumberText.Format(trace.Value, 4)} ± {NumberText.Format(trace.Error, 2)}",
                    $"standard error of {Counted.Format(trace.Probes, "random vector")}"
                )
            );
        if (record is { Density: { } density, Floor: null })
            rows.Add(("negative", Percent.Format(density.Negative), Negative(density)));
        rows.Add(
            (
                "solver",
                SnakeCase.Spaced(record.StopReason),
                $"{Counted.Format(record.Products, "product")} in total, {NumberText.Format(record.Seconds, 3)} s"
            )
        );
        return rows;
    }

    private static string Negative(DensityRecord density) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"of the eigenvalues are below −0.001 of the largest, [{Percent.Number(density.NegativeLow)}, "
                + $"{Percent.Number(density.NegativeHigh)}]; "
                + $"spectral density of {density.Probes} × {density.Steps} products"
        );

    private static string BottomName(InspectionRecord record, int i) =>
        i == record.Bottom.Count - 1 ? Lowest(record.Bottom[i]) : $"eigenvalue −{record.Bottom.Count - i}";

    /// <summary>Returns "most negative" only if the eigenvalue is negative by more than its residual.</summary>
    private static string Lowest(EigenpairRecord pair) => pair.Value < -pair.Residual ? "most negative" : "smallest";

    /// <summary>
    /// Checks that a folder may take an inspection: it holds none, or one of the same subject, whose files are then
    /// replaced.
    /// </summary>
    /// <param name="folder">Target folder; it need not exist.</param>
    /// <param name="subject">The subject to be inspected.</param>
    /// <exception cref="RunFolderException">The folder holds the inspection of another subject.</exception>
    public static void RequireFree(string folder, string subject)
    {
        var path = Path.Combine(folder, Name);
        if (!File.Exists(path))
            return;
        var held = RunFolder.Guarded(folder, () => RunJson.Read<InspectionRecord>(File.ReadAllBytes(path))?.Subject);
        if (held != subject)
            throw new RunFolderException(
                $"{folder} contains the inspection of {held ?? "something that its inspect.json does not name"}, "
                    + $"and this one is of {subject}. Choose another folder with --out, or move that one away."
            );
    }

    /// <summary>
    /// Writes inspect.json, density.svg and .png, and eigenvectors.safetensors into a folder, each whole or not at
    /// all.
    /// </summary>
    /// <param name="top">Leading eigenvectors <c>[k, n]</c>.</param>
    /// <param name="bottom">Bottom eigenvectors.</param>
    /// <param name="offsets">The index at which each parameter tensor begins.</param>
    /// <param name="folder">Target folder; created if missing. Files of an earlier inspection are replaced.</param>
    /// <param name="source">Text for the figure's footer.</param>
    /// <returns>Paths of the files.</returns>
    /// <exception cref="RunFolderException">The folder cannot be written.</exception>
    public static IReadOnlyList<string> Save(
        InspectionRecord record,
        Tensor top,
        Tensor bottom,
        IReadOnlyDictionary<string, long> offsets,
        string folder,
        string source
    )
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(offsets);
        var (json, vectors) = (Path.Combine(folder, Name), Path.Combine(folder, "eigenvectors.safetensors"));
        var figure = DensityFigure.Page(record, source) is { } page
            ? FigureFiles.Write(folder, "density", page).Paths
            : [];
        RunFolder.Guarded(
            folder,
            () =>
            {
                Directory.CreateDirectory(folder);
                WholeFile.Write(json, RunJson.Pretty(record));
                return true;
            }
        );
        try
        {
            var metadata = offsets.ToDictionary(
                pair => $"offset.{pair.Key}",
                pair => pair.Value.ToString(CultureInfo.InvariantCulture)
            );
            metadata["format"] = RunFolder.Format.ToString(CultureInfo.InvariantCulture);
            if (record.NoBottom is { } why)
                metadata["bottom"] = why;
            Safetensors.Write(vectors, new Dictionary<string, Tensor> { ["top"] = top, ["bottom"] = bottom }, metadata);
        }
        catch (SafetensorsException error)
        {
            throw new RunFolderException($"Eigenvectors cannot be written: {error.Message}", error);
        }
        return [json, .. figure, vectors];
    }

    /// <summary>Writes the record only, whole or not at all.</summary>
    /// <returns>The path.</returns>
    /// <exception cref="RunFolderException">It cannot be written.</exception>
    public static string SaveJson(InspectionRecord record, string path) => RunJson.Save(path, RunJson.Pretty(record));

    private static (string, string, string) Smallest(FloorRecord floor) =>
        (
            "smallest",
            $"{NumberText.Format(floor.Value, 5)} or more",
            floor.AtLeast > 0
                ? $"no smallest eigenpairs: at least {Count(floor.AtLeast)} eigenvalues belong to the null space"
                : "no smallest eigenpairs"
        );

    private static (string, string, string) Pair(string name, EigenpairRecord pair, InspectionRecord record) =>
        (
            name,
            $"{NumberText.Format(pair.Value, 5)} ± {NumberText.Format(pair.Residual, 2)}",
            $"eigenvector accurate to {Angle(pair.AngleErrorDegrees)}, spread over {Spread(pair, record)}; most in {Most(pair)}"
        );

    /// <summary>Formats the angle error of an eigenvector.</summary>
    internal static string Angle(double? degrees) =>
        degrees is { } angle ? $"{NumberText.Format(angle, 2)}°" : "— (unresolved: another eigenvalue is too close)";

    /// <summary>Formats 1/Σ v⁴, the number of parameters that would share the eigenvector equally.</summary>
    private static string Spread(EigenpairRecord pair, InspectionRecord record) =>
        Counted.Format(Math.Min(record.Parameters, (long)Math.Round(1 / pair.ParticipationRatio)), "parameter");

    private static string Most(EigenpairRecord pair) =>
        pair.LayerShares.MaxBy(share => share.Value) is var most ? $"{most.Key} ({Percent.Format(most.Value, 0)})" : "";

    private static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
