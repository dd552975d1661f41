using Gyre.Lab.Data;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.RunFiles;

namespace Gyre.Lab.Specs;

/// <summary>
/// Rules that tie keys of a spec together, in the order in which their mistakes are reported. Each rule is pure, and
/// returns its mistake or null.
/// </summary>
internal static class SpecRules
{
    private const int MostNameLetters = 80;

    /// <summary>Returns the mistakes of a spec whose values are allowed individually.</summary>
    /// <param name="spec">The spec, with defaults in place of values that are not allowed.</param>
    /// <param name="wrong">The keys whose values are not allowed; rules that need them are skipped.</param>
    public static IEnumerable<SpecMistake> Mistakes(RunSpec spec, IReadOnlyCollection<string> wrong) =>
        [
            .. Found(spec, CheckName, CheckBurst, CheckBasis, CheckClasses, CheckWeights, CheckPartial),
            .. wrong.Contains("model.name") || wrong.Contains("model.file") ? [] : ModelMistakes(spec),
            .. Found(spec, CheckSmoothing, CheckTime, CheckForkPair, CheckForkParent, CheckForkStep),
            .. Found(spec, CheckTf32, CheckOtherChunk),
            .. wrong.Contains("optimizer.name") ? [] : MethodRules.Mistakes(spec),
            .. ScheduleMistakes(spec.Training),
        ];

    /// <summary>Returns the mistakes of some rules.</summary>
    internal static IEnumerable<SpecMistake> Found(RunSpec spec, params Func<RunSpec, SpecMistake?>[] rules) =>
        rules.Select(rule => rule(spec)).OfType<SpecMistake>();

    private static SpecMistake? CheckName(RunSpec spec)
    {
        var sound =
            spec.Name.Length is > 0 and <= MostNameLetters && spec.Name[0] != '.' && spec.Name.All(IsNameLetter);
        return sound
            ? null
            : new("name", $"\"{spec.Name}\" must be 1 to 80 letters, digits, '-', '_' or '.', not beginning with '.'");
    }

    private static bool IsNameLetter(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.';

    private static SpecMistake? CheckBurst(RunSpec spec)
    {
        var (burst, every) = (spec.Curvature.Burst, spec.Curvature.Every);
        return every > 0 && spec.Curvature.EveryTime == 0 && burst > every
            ? new("curvature.burst", $"{burst} is larger than curvature.every = {every}, so bursts would overlap")
            : null;
    }

    private static SpecMistake? CheckBasis(RunSpec spec)
    {
        var (basis, pairs) = (spec.Curvature.Basis, spec.Curvature.Pairs);
        return basis < pairs + 2
            ? new(
                "curvature.basis",
                $"{basis} is too small for curvature.pairs = {pairs}; it must be at least {pairs + 2}"
            )
            : null;
    }

    private static SpecMistake? CheckClasses(RunSpec spec) =>
        spec.Data.Name != RunSpec.Own
        && DataCatalog.Get(spec.Data.Name).Targets == TargetKind.Numbers
        && LossCatalog.NeedsClasses(spec.Objective.Loss)
            ? new(
                "objective.loss",
                $"\"{spec.Objective.Loss}\" needs classes, but the targets of data.name = "
                    + $"\"{spec.Data.Name}\" are numbers; choose \"squared-error\""
            )
            : null;

    private static SpecMistake? CheckWeights(RunSpec spec) =>
        spec.Model is { Weights.Length: > 0, Start.Count: > 0 }
            ? new("model.start", "sets the initial weights, as does model.weights; remove one of the two")
            : null;

    private static SpecMistake? CheckPartial(RunSpec spec) =>
        spec.Model is { Weights.Length: 0, WeightsPartial: true }
            ? new("model.weights_partial", "needs model.weights, the file that may be partial")
            : null;

    private static IEnumerable<SpecMistake> ModelMistakes(RunSpec spec) =>
        spec.Model.Name == RunSpec.Own
            ? []
            : ModelCatalog
                .Get(spec.Model.Name)
                .Mistakes(spec.Model)
                .Select(mistake => new SpecMistake(mistake.Key, mistake.Problem));

    private static SpecMistake? CheckSmoothing(RunSpec spec) =>
        spec.Instability.Smoothing % 2 == 0
            ? new("instability.smoothing", $"{spec.Instability.Smoothing} must be odd, so that the median is a value")
            : null;

    private static SpecMistake? CheckTime(RunSpec spec) =>
        spec.Training is { Decay: DecayNames.Cosine, Time: > 0 }
            ? new(
                "training.time",
                "cannot determine the steps of a cosine decay, whose learning rates depend on them; "
                    + "set training.steps instead"
            )
            : null;

    private static SpecMistake? CheckForkPair(RunSpec spec) =>
        spec.Fork is { } fork && fork.Parent.Length > 0 != fork.Step > 0
            ? new("fork.step", "must be set together with fork.parent")
            : null;

    private static SpecMistake? CheckForkParent(RunSpec spec) =>
        spec.Fork is { Parent: { Length: > 0 } parent } && !FolderName.Is(parent)
            ? new(
                "fork.parent",
                $"{SpecCheck.Shown(parent)} must be the name of a run folder next to this one, "
                    + $"of at most {FolderName.MostBytes} bytes, not a path"
            )
            : null;

    private static SpecMistake? CheckForkStep(RunSpec spec) =>
        spec.Fork is { Step: > 0 and var step } && step >= spec.Training.Steps
            ? new("fork.step", $"{step} must be below training.steps = {spec.Training.Steps}")
            : null;

    private static SpecMistake? CheckTf32(RunSpec spec) =>
        spec.Tf32 && (spec.Device == DeviceNames.Cpu || spec.Dtype != DtypeNames.Float32)
            ? new(
                "tf32",
                "applies to float32 on a CUDA device; set device = \"cuda\" or \"auto\", and dtype = \"float32\""
            )
            : null;

    private static SpecMistake? CheckOtherChunk(RunSpec spec) =>
        spec.Fork is { OtherChunk: true, Parent.Length: 0 }
            ? new("fork.other_chunk", "needs fork.parent and fork.step")
            : null;

    private static IEnumerable<SpecMistake> ScheduleMistakes(TrainingSpec training)
    {
        var before = 0;
        foreach (var change in training.Schedule)
        {
            if (change.Step < 1 || change.Step >= training.Steps || change.Step <= before)
            {
                yield return new(
                    "training.schedule",
                    $"step {change.Step} must increase from entry to entry and be between 1 and "
                        + $"training.steps − 1 = {training.Steps - 1}"
                );
            }
            before = change.Step;
        }
    }
}
