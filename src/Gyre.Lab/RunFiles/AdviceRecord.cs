namespace Gyre.Lab.RunFiles;

/// <summary>advice.json: the result of `gyre advise` (docs/formats.md).</summary>
/// <param name="Format">Version of the format.</param>
/// <param name="Evidence">Whether the best candidate scores higher than the best stable learning rate by more than
/// chance: the interval of the gain lies above 0.</param>
/// <param name="Lack">The reason if there is no evidence, else null.</param>
/// <param name="Recommended">The candidate with the smallest expected regret; with one seed, the best one; null if
/// every candidate diverged at some seed.</param>
/// <param name="Best">The candidate with the best mean score.</param>
/// <param name="Stable">The best of the learning rates at which sharpness never reached the threshold; the smallest
/// learning rate if there is none.</param>
/// <param name="Score">The score compared: test accuracy, test loss or training loss.</param>
/// <param name="Gain">Score of the best candidate less that of the best stable one, on seeds that chose neither; for
/// a loss, in −log10.</param>
/// <param name="GainLow">Lower end of Student's 95 % interval.</param>
/// <param name="GainHigh">Upper end of the interval.</param>
/// <param name="Seeds">The number of seeds.</param>
/// <param name="FirstSeeds">The number of seeds at which every candidate was tried; the other seeds cover only the
/// candidates that may be the best.</param>
/// <param name="Sharpness">Mean S at the start.</param>
/// <param name="TwoOverSharpness">2/S: the threshold at the start, as a learning rate.</param>
/// <param name="UnstableFrom">Smallest eta at which sharpness reached the threshold, or training diverged, at some
/// seed; null if there is none.</param>
/// <param name="CatapultsFrom">Smallest eta at which some seed was a catapult; null if there is none.</param>
/// <param name="DivergesFrom">Smallest eta at which some seed diverged; null if there is none.</param>
/// <param name="Runs">Cost: the number of finished runs.</param>
/// <param name="Gradients">Cost: gradients over all samples.</param>
/// <param name="Products">Cost: Hessian-vector products over all samples.</param>
/// <param name="Seconds">Cost: seconds of all processes together.</param>
/// <param name="Tried">Every candidate that diverged at no seed.</param>
/// <param name="Lines">The same content as sentences for people.</param>
internal sealed record AdviceRecord(
    int Format,
    bool Evidence,
    string? Lack,
    TriedRecord? Recommended,
    TriedRecord? Best,
    TriedRecord? Stable,
    string Score,
    double Gain,
    double GainLow,
    double GainHigh,
    int Seeds,
    int FirstSeeds,
    double Sharpness,
    double TwoOverSharpness,
    double? UnstableFrom,
    double? CatapultsFrom,
    double? DivergesFrom,
    int Runs,
    long Gradients,
    long Products,
    double Seconds,
    IReadOnlyList<TriedRecord> Tried,
    IReadOnlyList<string> Lines
);

/// <summary>A candidate that was tried: a learning rate, with or without a later reduction.</summary>
/// <param name="Name">The group's name in the sweep.</param>
/// <param name="LearningRate">Mean eta over seeds, before any reduction.</param>
/// <param name="EdgeUnits">eta over 2/S at the start.</param>
/// <param name="ReducedTo">eta after the reduction; null if there is none.</param>
/// <param name="ReducedAt">Step of the reduction; null if there is none.</param>
/// <param name="Score">Mean over its seeds: accuracy, 0 to 1, or −log10 of the loss.</param>
/// <param name="Seeds">The number of its seeds.</param>
/// <param name="Rise">Mean gain of score over the last fifth of the steps; null if the score was not evaluated
/// before.</param>
/// <param name="StillRising">Whether every seed gained over these steps, and their mean gain was more than 0.005
/// (0.02 for −log10 of a loss).</param>
/// <param name="ExpectedRegret">Expected score of the best candidate less that of this one; null with one
/// seed.</param>
/// <param name="RegretBound">Upper bound of the regret with 95 % probability; null with one seed.</param>
/// <param name="ChanceBest">Probability that no candidate is better; null with one seed.</param>
internal sealed record TriedRecord(
    string Name,
    double LearningRate,
    double EdgeUnits,
    double? ReducedTo,
    long? ReducedAt,
    double Score,
    int Seeds,
    double? Rise,
    bool StillRising,
    double? ExpectedRegret,
    double? RegretBound,
    double? ChanceBest
);
