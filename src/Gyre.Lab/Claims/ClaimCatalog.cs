namespace Gyre.Lab.Claims;

/// <summary>
/// The claims of arXiv 2412.17613 with the rules that decide them (docs/theory.md). A claim is one file and one line
/// here.
/// </summary>
internal static class ClaimCatalog
{
    /// <summary>Seed for all permutations and resamples, so that the same sweep gives the same verdicts.</summary>
    internal const int Seed = 20241217;

    private static readonly (
        string Claim,
        string Statement,
        Func<ClaimData, IReadOnlyList<Verdict>> Parts,
        IReadOnlyList<string> Shown
    )[] Claims =
    [
        (
            "C1",
            "above the threshold the leading eigenvectors rotate, below it they do not, and rotation grows with eta",
            RotationClaim.Parts,
            []
        ),
        (
            "C2",
            "progressive flattening: unstable training moves to regions that are flatter the longer it lasts, and "
                + "stays there",
            FlatteningClaim.Parts,
            FlatteningClaim.Shown
        ),
        (
            "C3",
            "large first, then reduced, generalizes better than small throughout, and there is a best range",
            GeneralizationClaim.Parts,
            []
        ),
        ("C4", "eigenvector rotation predicts test accuracy at least as well as sharpness", PredictionClaim.Parts, []),
    ];

    /// <summary>Decides every claim. Each claim is followed by its parts.</summary>
    /// <remarks>
    /// If the sweep varies more than the learning rate, the result is the parts of the question that it addresses
    /// instead (<see cref="QuestionCatalog"/>).
    /// </remarks>
    public static IReadOnlyList<Verdict> Decide(ClaimData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (data.Obstacle is not null && QuestionCatalog.Find(data) is { } question)
            return question.Decide(data);
        return
        [
            .. Claims.SelectMany(claim =>
            {
                if (data.Obstacle is { } obstacle)
                    return [Judge.Missing(claim.Claim, claim.Statement, "", obstacle)];
                var parts = claim.Parts(data);
                return new[] { Judge.Whole(claim.Claim, claim.Statement, parts, claim.Shown) }.Concat(parts);
            }),
        ];
    }
}
