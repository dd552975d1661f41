using Gyre.Lab.RunFiles;

namespace Gyre.Tests.TestKit;

/// <summary>
/// A folder of `gyre landscape` about a loss that is known: L = 1 + 2a + 3a² along v1, L = 1 + a² + 10b² + a on the
/// plane.
/// </summary>
internal static class SyntheticLandscape
{
    public const string Run = "alpha-0123456789";

    public static LandscapeGrid Grid { get; } =
        new(
            Run,
            4,
            0,
            8,
            [
                new("line-v1", "step", [new LandscapeAxis("v1", -1, 1, 5, 2, 6)]),
                new(
                    "plane-v1-v2",
                    "step",
                    [new LandscapeAxis("v1", -1, 2, 4, 1, 2), new LandscapeAxis("v2", 0, 1, 3, 0, 20)]
                ),
            ]
        );

    public static LandscapeRecord Record { get; } =
        new()
        {
            Format = RunFolder.Format,
            Grid = Grid,
            Parameters = 7,
            Samples = 12,
            Loss = 1,
            GradientNorm = 2,
            LearningRate = 0.25,
            Threshold = 8,
            Replay = new ReplayRecord(0, 9, 0, 1e-10),
            Eigenvalues = [6, 2],
            Residuals = [1e-6, 1e-5],
            AngleErrorsDegrees = [0.1, null],
            StopReason = "converged",
            Products = 11,
            VarianceShares = [0.75, 0.25],
            Iterates = new Dictionary<string, IReadOnlyList<PlacedIterate>>
            {
                ["line-v1"] =
                [
                    .. Enumerable
                        .Range(0, 9)
                        .Select(step => new PlacedIterate(step, [0.1 * (step - 4)], 0.5, 2 - 0.1 * step, 1.5)),
                ],
                ["plane-v1-v2"] =
                [
                    .. Enumerable
                        .Range(0, 9)
                        .Select(step => new PlacedIterate(
                            step,
                            [0.1 * (step - 4), 0.01 * step],
                            Math.Abs(step - 4),
                            2 - 0.1 * step,
                            1.5
                        )),
                ],
            },
            Remarks = ["a remark with <b>tags</b>"],
        };

    /// <summary>Every loss, in the order of evaluation.</summary>
    public static IReadOnlyList<LandscapePoint> Points { get; } =
    [
        .. Grid.Slices.SelectMany(slice =>
            Enumerable
                .Range(0, (int)slice.Points)
                .Select(number => new LandscapePoint(slice.Name, number, Loss(slice.Place(number))))
        ),
    ];

    public static double Loss(double[] place) =>
        place.Length == 1
            ? 1 + 2 * place[0] + 3 * place[0] * place[0]
            : 1 + place[0] * place[0] + 10 * place[1] * place[1] + place[0];

    /// <summary>Writes the folder.</summary>
    /// <param name="path">Of the folder.</param>
    /// <param name="points">How many losses are there.</param>
    /// <param name="record">Null: unfinished.</param>
    public static LandscapeFolder Write(string path, int points = int.MaxValue, LandscapeRecord? record = null)
    {
        var folder = new LandscapeFolder(path);
        folder.Open(Grid);
        SyntheticFolder.Lines(folder.PointsFile, Points.Take(points));
        if (record is not null)
            folder.Save(record);
        return folder;
    }
}
