namespace Gyre.Lab.RunFiles;

/// <summary>advice.json: what `gyre advise` found (docs/formats.md).</summary>
/// <param name="Format">Version of the format.</param>
/// <param name="Evidence">Whether the recommended way is better than the best stable rate by more than chance.</param>
/// <param name="Lack">Where it is not: why.</param>
/// <param name="Recommended">The way of smallest expected regret; of one seed, the best; null where every rate
/// diverged.</param>
/// <param name="Best">The best of all.</param>
/// <param name="Stable">The best of the rates at which sharpness never reached the threshold; the smallest rate where
/// there is none.</param>
/// <param name="Score">What was compared: test accuracy, test loss or training loss.</param>
/// <param name="Gain">Score of the best less that of the stable, on seeds that chose neither; of a loss in
/// −log10.</param>
/// <param name="GainLow">Student's 95 % interval.</param>
/// <param name="GainHigh">Upper end.</param>
/// <param name="Seeds">How many.</param>
/// <param name="FirstSeeds">How many of them every way was tried at; the others are of those that may be the
/// best.</param>
/// <param name="Sharpness">Mean S at the start.</param>
/// <param name="TwoOverSharpness">2/S: the threshold at the start as a step size.</param>
/// <param name="UnstableFrom">Smallest eta at which sharpness reached the threshold at some seed; null of none.</param>
/// <param name="CatapultsFrom">Smallest eta at which some seed was a catapult.</param>
/// <param name="DivergesFrom">Smallest eta at which some seed diverged.</param>
/// <param name="Runs">What it took: finished runs,</param>
/// <param name="Gradients">gradients over all samples,</param>
/// <param name="Products">Hessian-vector products over all samples,</param>
/// <param name="Seconds">and seconds of all processes together.</param>
/// <param name="Tried">Every way that diverged at no seed.</param>
/// <param name="Lines">The same for people.</param>
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

/// <summary>A way to train that was tried.</summary>
/// <param name="Name">The group's name in the sweep.</param>
/// <param name="LearningRate">Mean eta over seeds, before any reduction.</param>
/// <param name="EdgeUnits">eta over 2/S at the start.</param>
/// <param name="ReducedTo">eta after the reduction; null where there is none.</param>
/// <param name="ReducedAt">Its step.</param>
/// <param name="Score">Mean over its seeds: accuracy, 0 to 1, or −log10 of the loss.</param>
/// <param name="Seeds">How many.</param>
/// <param name="Rise">Mean gain of score over the last fifth of the steps; null where it was not evaluated
/// before.</param>
/// <param name="StillRising">Whether every seed gained there, and the mean more than 0.005 (0.02 of −log10 of a
/// loss).</param>
/// <param name="ExpectedRegret">Expected score of the best way less that of this one; null of one seed.</param>
/// <param name="RegretBound">The regret is below this with 95 % probability.</param>
/// <param name="ChanceBest">Probability that no way is better.</param>
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
