namespace Gyre.Lab.Claims;

/// <summary>A question that a sweep over more than learning rates answers.</summary>
/// <param name="Name">Name of the question for `gyre reproduce --question`.</param>
/// <param name="Sentence">The question as a sentence.</param>
/// <param name="Preset">The preset sweep that answers it.</param>
/// <param name="Axis">The key whose values are compared.</param>
/// <param name="Decide">Decides the verdicts on the question.</param>
internal sealed record Question(
    string Name,
    string Sentence,
    string Preset,
    string Axis,
    Func<ClaimData, IReadOnlyList<Verdict>> Decide
);

/// <summary>
/// The open questions of arXiv 2412.17613 as experiments. A question is one file and one line here.
/// </summary>
internal static class QuestionCatalog
{
    /// <summary>All questions, in order.</summary>
    public static IReadOnlyList<Question> Questions { get; } =
    [
        new(
            "rotation-causes-flattening",
            "does rotation find flatter minima?",
            "interventions",
            "intervention.name",
            InterventionQuestion.Decide
        ),
        new(
            "alternatives",
            "do other update rules find what large learning rates find, at the same training loss?",
            "alternatives",
            "optimizer.name",
            AlternativesQuestion.Decide
        ),
        new(
            "stochastic",
            "do the claims hold for minibatches?",
            "stochastic",
            "optimizer.batch",
            StochasticQuestion.Decide
        ),
        new(
            "edge-rate",
            "is a learning rate that follows the edge better than a constant one, or one reduced by a schedule?",
            "edge-rate",
            "training.edge_rate",
            EdgeRateQuestion.Decide
        ),
        new(
            "long-horizon",
            "does flattening continue for ten times the steps?",
            "long-horizon",
            "training.time",
            HorizonQuestion.Decide
        ),
    ];

    /// <summary>Returns the question that a sweep's axes address, or null.</summary>
    public static Question? Find(ClaimData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        return Questions.FirstOrDefault(question => data.Axes.Contains(question.Axis));
    }
}
