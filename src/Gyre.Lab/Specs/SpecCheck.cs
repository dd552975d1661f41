using System.Globalization;
using Gyre.Lab.Data;
using Gyre.Lab.Interventions;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;
using Gyre.Lab.RunFiles;
using Tomlyn.Model;

namespace Gyre.Lab.Specs;

/// <summary>Checks values of a spec, one by one and together; mistakes are collected, never thrown.</summary>
internal static class SpecCheck
{
    private const int ShownLetters = 120;

    /// <summary>The value in the schema's type, or the default with a mistake noted.</summary>
    public static object Value(SpecKey key, object value, List<SpecMistake> mistakes)
    {
        var typed = Typed(key, value);
        if (typed is null)
            mistakes.Add(new(key.Path, $"{Shown(value)} is not {Meant(key, value) ?? key.Offered}"));
        return typed ?? key.Default;
    }

    /// <summary>
    /// Ends the sentence "X is not …" for a key that takes one of several words; null for any other key.
    /// </summary>
    private static string? Meant(SpecKey key, object value)
    {
        if (key.Choices is not { } choices || key.Kind != SpecKind.Text)
            return null;
        var meant = value is string word ? UsualWords.Choice(word, choices) : null;
        return meant is null ? $"one of {key.Offered}" : $"allowed; did you mean \"{meant}\"? Allowed: {key.Offered}";
    }

    /// <summary>Rules that tie keys together.</summary>
    public static void Together(Dictionary<string, object> values, List<SpecMistake> mistakes)
    {
        long Whole(string key) => (long)values[key];
        if (
            ((string)values["name"]).Length is 0 or > 80
            || ((string)values["name"]).Any(letter =>
                !(char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.')
            )
            || ((string)values["name"])[0] == '.'
        )
            mistakes.Add(
                new(
                    "name",
                    $"\"{values["name"]}\" must be 1 to 80 letters, digits, '-', '_' or '.', not beginning with '.'"
                )
            );
        if (
            Whole("curvature.every") > 0
            && (double)values["curvature.every_time"] == 0
            && Whole("curvature.burst") > Whole("curvature.every")
        )
            mistakes.Add(
                new(
                    "curvature.burst",
                    $"{Whole("curvature.burst")} is more than curvature.every = {Whole("curvature.every")}: "
                        + "bursts would overlap"
                )
            );
        if (Whole("curvature.basis") < Whole("curvature.pairs") + 2)
            mistakes.Add(
                new(
                    "curvature.basis",
                    $"{Whole("curvature.basis")} is too small for curvature.pairs = "
                        + $"{Whole("curvature.pairs")}; it must be at least {Whole("curvature.pairs") + 2}"
                )
            );
        if (
            (string)values["data.name"] != RunSpec.Own
            && DataCatalog.Find((string)values["data.name"]).Targets == TargetKind.Numbers
            && LossCatalog.NeedsClasses((string)values["objective.loss"])
        )
            mistakes.Add(
                new(
                    "objective.loss",
                    $"\"{values["objective.loss"]}\" needs classes, and the targets of data.name = "
                        + $"\"{values["data.name"]}\" are numbers; \"squared-error\" takes them"
                )
            );
        if (
            (string)values["model.name"] != RunSpec.Own
            && mistakes.All(mistake => mistake.Where is not ("model.name" or "model.file"))
        )
            mistakes.AddRange(
                ModelCatalog
                    .Find((string)values["model.name"])
                    .Mistakes(new SpecValues(values).Model())
                    .Select(mistake => new SpecMistake(mistake.Key, mistake.Problem))
            );
        if (Whole("instability.smoothing") % 2 == 0)
            mistakes.Add(
                new("instability.smoothing", $"{Whole("instability.smoothing")} must be odd: a median has a middle")
            );
        if ((string)values["training.decay"] == "cosine" && (double)values["training.time"] > 0)
            mistakes.Add(
                new(
                    "training.time",
                    "cannot decide the steps of a cosine decay, whose rates follow from them; set "
                        + "training.steps instead"
                )
            );
        if (((string)values["fork.parent"]).Length > 0 != Whole("fork.step") > 0)
            mistakes.Add(new("fork.step", "and fork.parent go together: which run, and from which step"));
        if ((string)values["fork.parent"] is { Length: > 0 } parent && !FolderName.Is(parent))
            mistakes.Add(
                new(
                    "fork.parent",
                    $"{Shown(values["fork.parent"])} must be the name of a run folder beside this one, "
                        + $"of at most {FolderName.MostBytes} bytes, not a path"
                )
            );
        if (Whole("fork.step") >= Whole("training.steps") && Whole("fork.step") > 0)
            mistakes.Add(
                new("fork.step", $"{Whole("fork.step")} must be below training.steps = {Whole("training.steps")}")
            );
        if ((bool)values["tf32"] && ((string)values["device"] == "cpu" || (string)values["dtype"] != "float32"))
            mistakes.Add(
                new(
                    "tf32",
                    "is how a CUDA device multiplies float32; set device = \"cuda\" or \"auto\", and dtype = "
                        + "\"float32\""
                )
            );
        if ((bool)values["fork.other_chunk"] && ((string)values["fork.parent"]).Length == 0)
            mistakes.Add(new("fork.other_chunk", "needs fork.parent and fork.step: which run, and from which step"));
        Rules(values, mistakes);
        var schedule = (GivenChange[])values["training.schedule"];
        for (var i = 0; i < schedule.Length; i++)
        {
            if (
                schedule[i].Step < 1
                || schedule[i].Step >= Whole("training.steps")
                || (i > 0 && schedule[i].Step <= schedule[i - 1].Step)
            )
                mistakes.Add(
                    new(
                        "training.schedule",
                        $"step {schedule[i].Step} must rise from entry to entry and lie between 1 and "
                            + $"training.steps − 1 = {Whole("training.steps") - 1}"
                    )
                );
        }
    }

    /// <summary>What of update rule, intervention and measurement goes together.</summary>
    private static void Rules(Dictionary<string, object> values, List<SpecMistake> mistakes)
    {
        if (mistakes.Any(mistake => mistake.Where == "optimizer.name"))
            return;
        var rule = OptimizerCatalog.Find((string)values["optimizer.name"]);
        if ((string)values["intervention.name"] != InterventionCatalog.None && (rule.Preconditions || rule.MovesTheta))
            mistakes.Add(
                new(
                    "intervention.name",
                    $"\"{values["intervention.name"]}\" is defined by the Hessian and 2/eta, and "
                        + $"optimizer.name = \"{rule.Name}\" has others; take "
                        + $"{string.Join(", ", OptimizerCatalog.Kinds.Where(kind => !kind.Preconditions && !kind.MovesTheta).Select(kind => kind.Name))}"
                )
            );
        if (rule.Name == "gradient-flow" && (double)values["optimizer.clip_norm"] > 0)
            mistakes.Add(new("optimizer.clip_norm", "clips steps, and a flow has none; set it to 0"));
        if ((bool)values["curvature.self_stabilisation"] && !rule.IsDescent)
            mistakes.Add(
                new(
                    "curvature.self_stabilisation",
                    $"is a theory of gradient descent; optimizer.name = \"{rule.Name}\" is another rule"
                )
            );
        if ((bool)values["curvature.self_stabilisation"] && (string)values["curvature.at"] != CurvatureSpec.Iterate)
            mistakes.Add(
                new("curvature.self_stabilisation", "needs the gradient at the iterate; set curvature.at = \"iterate\"")
            );
        if (
            (bool)values["curvature.self_stabilisation"]
            && (string)values["intervention.name"] != InterventionCatalog.None
        )
            mistakes.Add(
                new(
                    "curvature.self_stabilisation",
                    "is a theory of steps that nothing intervenes in; set intervention.name = \"none\""
                )
            );
        if ((double)values["training.edge_rate"] > 0)
            FollowsTheEdge(values, mistakes);
        if (
            (bool)values["curvature.self_stabilisation"]
            && (string)values["curvature.operator"] != CurvatureSpec.Hessian
        )
            mistakes.Add(
                new("curvature.self_stabilisation", "is a theory of the Hessian; set curvature.operator = \"hessian\"")
            );
        if (
            (string)values["curvature.at"] == CurvatureSpec.Midpoint
            && (string)values["intervention.name"] != InterventionCatalog.None
        )
            mistakes.Add(new("curvature.at", "an intervention works at the iterate; set curvature.at = \"iterate\""));
        if ((long)values["curvature.batch_probes"] == 1)
            mistakes.Add(new("curvature.batch_probes", "1 has no error bar; take 2 or more, or 0"));
        if (
            (double)values["optimizer.preconditioner_high"] is > 0 and var high
            && high < (double)values["optimizer.preconditioner_low"]
        )
            mistakes.Add(
                new(
                    "optimizer.preconditioner_high",
                    $"{Shown(high)} is below optimizer.preconditioner_low = "
                        + $"{Shown(values["optimizer.preconditioner_low"])}"
                )
            );
    }

    /// <summary>
    /// Where the sharpness decides the rates, nothing else can, and nothing can be laid out by them beforehand.
    /// </summary>
    private static void FollowsTheEdge(Dictionary<string, object> values, List<SpecMistake> mistakes)
    {
        const string Because = "cannot go with training.edge_rate, which lets the sharpness decide eta";
        if (((GivenChange[])values["training.schedule"]).Length > 0)
            mistakes.Add(new("training.schedule", Because));
        if ((long)values["training.warmup"] > 0)
            mistakes.Add(new("training.warmup", Because));
        if ((string)values["training.decay"] != "none")
            mistakes.Add(new("training.decay", Because));
        if ((double)values["training.time"] > 0)
            mistakes.Add(new("training.time", $"{Because}; set training.steps"));
        if ((double)values["curvature.every_time"] > 0)
            mistakes.Add(new("curvature.every_time", $"{Because}; set curvature.every"));
        if ((double)values["curvature.every_time"] == 0 && (long)values["curvature.every"] == 0)
            mistakes.Add(new("curvature.every", "0 measures no sharpness, by which training.edge_rate sets eta"));
        if (
            double.IsInfinity(
                OptimizerCatalog.Find((string)values["optimizer.name"]).Threshold(new OptimizerOptions(), 1, 1)
            )
        )
            mistakes.Add(
                new(
                    "training.edge_rate",
                    $"needs an edge, and optimizer.name = \"{values["optimizer.name"]}\" has none"
                )
            );
    }

    private static object? Typed(SpecKey key, object value) =>
        key.Kind switch
        {
            SpecKind.Flag => value is bool ? value : null,
            SpecKind.Text => value is string text && (key.Choices is null || key.Choices.Contains(text)) ? text : null,
            SpecKind.Whole => AsWhole(value) is { } whole && Within(key, whole) ? whole : null,
            SpecKind.Number => AsNumber(value) is { } number && Within(key, number) ? number : null,
            SpecKind.Wholes => Wholes(key, value),
            SpecKind.Numbers => Numbers(key, value),
            _ => Schedule(value),
        };

    private static bool Within(SpecKey key, double number) =>
        double.IsFinite(number) && (key.Exclusive ? number > key.Least : number >= key.Least) && number <= key.Most;

    public static double? AsNumber(object value) =>
        value switch
        {
            double number => number + 0.0, // no negative zero: equal specs are equal text
            long whole => whole,
            _ => null,
        };

    /// <summary>
    /// A whole number, also as TOML writes floats: 1e4 and 42.0. Beyond 2^53 a float does not say which one was meant.
    /// </summary>
    public static long? AsWhole(object? value) =>
        value switch
        {
            long whole => whole,
            double number when number == Math.Truncate(number) && Math.Abs(number) <= 1L << 53 => (long)number,
            _ => null,
        };

    private static long[]? Wholes(SpecKey key, object value) =>
        value is TomlArray list && list.All(item => AsWhole(item) is { } whole && Within(key, whole))
            ? [.. list.Select(item => AsWhole(item)!.Value)]
            : null;

    private static double[]? Numbers(SpecKey key, object value) =>
        value is TomlArray list && list.All(item => AsNumber(item!) is { } number && Within(key, number))
            ? [.. list.Select(item => AsNumber(item!)!.Value)]
            : null;

    private static GivenChange[]? Schedule(object value)
    {
        var tables = value switch
        {
            TomlArray list => list.OfType<TomlTable>().ToArray() is var found && found.Length == list.Count
                ? found
                : null,
            TomlTableArray array => array.ToArray(),
            _ => null,
        };
        if (tables is null)
            return null;
        var changes = tables
            .Select(table =>
                table.Count == 2
                && table.TryGetValue("step", out var step)
                && AsWhole(step) is { } at and >= 0 and <= int.MaxValue
                    ? Change((int)at, Positive(table, "learning_rate"), Positive(table, "factor"))
                    : null
            )
            .ToArray();
        return changes.Contains(null) ? null : [.. changes.OfType<GivenChange>()];
    }

    private static GivenChange? Change(int step, double? rate, double? factor) =>
        rate is null == factor is null ? null : new GivenChange(step, rate, factor);

    private static double? Positive(TomlTable table, string key) =>
        table.TryGetValue(key, out var value) && AsNumber(value!) is { } number && number > 0 && double.IsFinite(number)
            ? number
            : null;

    /// <summary>A value as it would be typed, for a message: cut where it is long.</summary>
    public static string Shown(object value) => UserFile.Shown(Text(value, SpecText.Number), ShownLetters);

    /// <summary>A value as a part of a cell's name: 1.0 is 1.</summary>
    public static string Named(object value) => Text(value, number => number.ToString(CultureInfo.InvariantCulture));

    private static string Text(object value, Func<double, string> number) =>
        value switch
        {
            string text => $"\"{text}\"",
            bool flag => flag ? "true" : "false",
            double of => number(of),
            TomlArray list => $"[{string.Join(", ", list.Select(item => Text(item!, number)))}]",
            TomlTableArray tables => $"[{string.Join(", ", tables.Select(table => Text(table, number)))}]",
            TomlTable table =>
                $"{{ {string.Join(", ", table.Select(pair => $"{pair.Key} = {Text(pair.Value, number)}"))} }}",
            IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
            _ => value.ToString() ?? "nothing",
        };
}
