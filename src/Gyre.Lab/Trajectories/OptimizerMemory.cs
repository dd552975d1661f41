using Gyre.Lab.Optimizers;
using Gyre.Lab.Running;
using Gyre.Torch;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Lab.Trajectories;

/// <summary>The quantity that a rule divides by, read from the state of PyTorch's optimizer.</summary>
/// <param name="Squares">The mean of squared gradients, <c>[n]</c>; in the caller's dispose scope.</param>
/// <param name="Updates">The number of updates that it was averaged over.</param>
internal sealed record OptimizerMemory(Tensor Squares, long Updates)
{
    /// <summary>Reads the state of a checkpoint.</summary>
    /// <param name="state">The optimizer's state in the checkpoint; null if there is none.</param>
    /// <param name="file">The checkpoint.</param>
    /// <param name="setup">The setup of the run.</param>
    /// <exception cref="TrajectoryException">The checkpoint lacks the state, or the state belongs to another rule or
    /// network.</exception>
    public static OptimizerMemory Create(OptimizerContent? state, CheckpointFile file, RunSetup setup)
    {
        var rule = setup.Spec.Optimizer;
        if (state is null)
            throw Without(file, rule.Name, "has no optimizer state");
        if (
            !state.Groups.All(group =>
                group.Numbers.ContainsKey(rule.Name == OptimizerNames.RmsProp ? "alpha" : "beta2")
            )
        )
            throw Without(file, rule.Name, "has the optimizer state of another rule");
        RequireSettings(state, file, rule);
        if (state.Parameters.Count == 0 && file.Step == 0)
            return new OptimizerMemory(Zeros(setup), 0); // an optimizer has no state before its first update
        if (state.Parameters.Count == 0)
            throw Without(file, rule.Name, "has an optimizer state without any parameter");
        using var scope = NewDisposeScope();
        var slots = Slots(state, file, setup);
        var name = rule.Name == OptimizerNames.RmsProp ? "square_avg" : "exp_avg_sq";
        var layout = setup.Objective.Layout;
        var parts = slots.Select(slot =>
            slot.Tensors.GetValueOrDefault(name) is { } part
                ? part.to(layout.Dtype, layout.Device)
                : throw Without(file, rule.Name, $"has an optimizer state without {name}, as for another rule")
        );
        var squares = cat([.. parts.Select(part => part.reshape(-1))]);
        return new OptimizerMemory(squares.MoveToOuterDisposeScope(), CountOf(slots, file));
    }

    /// <summary>Returns zeros, the state before the first update.</summary>
    private static Tensor Zeros(RunSetup setup) =>
        zeros([setup.Objective.Layout.Dimension], setup.Objective.Layout.Dtype, setup.Objective.Layout.Device);

    private static TrajectoryException Without(CheckpointFile file, string rule, string what) =>
        new(
            $"{file.Path} {what}, but the threshold of optimizer.name = \"{rule}\" applies to P^-1/2 H P^-1/2 with its P. Save "
                + "optimizer.state_dict() with the weights, as docs/measure.md shows, or set optimizer.name = \"gd\" to "
                + "measure H itself against 2/eta."
        );

    private static long CountOf(IReadOnlyList<OptimizerSlot> slots, CheckpointFile file)
    {
        var steps = slots.Select(slot => slot.Step).Distinct().ToArray();
        return steps switch
        {
            [null] => file.Step,
            [{ } step] when step >= 0 && step == Math.Floor(step) => (long)step,
            _ => throw new TrajectoryException(
                $"{file.Path}: its optimizer has different numbers of updates for its parameters "
                    + $"({string.Join(", ", steps.Take(4))}), but the correction of P needs one number. Parameters that were frozen "
                    + "for a while are not supported."
            ),
        };
    }

    /// <summary>Returns the optimizer's state for each parameter of theta, in the order of theta.</summary>
    private static IReadOnlyList<OptimizerSlot> Slots(OptimizerContent state, CheckpointFile file, RunSetup setup)
    {
        var trainable = DistinctParameters.Trainable(setup.Model);
        var slots =
            ByName(state, trainable)
            ?? ByOrder(state, trainable)
            ?? ByOrder(state, DistinctParameters.Find(setup.Model));
        if (slots is null)
            throw new TrajectoryException(
                $"{file.Path}: the {state.Groups.Count} groups of its optimizer cannot be matched with parameters, "
                    + "or belong to another network. One group of model.parameters() always works, as do groups "
                    + "made from model.named_parameters() since PyTorch 2.6."
            );
        string[] never = [.. trainable.Where(one => !slots.ContainsKey(one.Name)).Select(one => one.Name)];
        return never.Length == 0
            ? [.. trainable.Select(one => slots[one.Name])]
            : throw new TrajectoryException(
                $"{file.Path}: its optimizer has never updated {Data.UserFile.Names(never)}. Parameters that are not "
                    + "trained must not require a gradient in the model."
            );
    }

    private static Dictionary<string, OptimizerSlot>? ByName(
        OptimizerContent state,
        IReadOnlyList<DistinctParameter> parameters
    )
    {
        if (!state.Groups.All(group => group.Names.Count == group.Parameters.Count))
            return null;
        var named = state
            .Groups.SelectMany(group => group.Names.Zip(group.Parameters))
            .ToDictionary(pair => pair.First, pair => pair.Second, StringComparer.Ordinal);
        var (names, _) = WeightNames.Fit([.. named.Keys], [.. parameters.SelectMany(one => one.Names)]);
        var slots = new Dictionary<string, OptimizerSlot>(StringComparer.Ordinal);
        foreach (var (stored, index) in named)
        {
            if (
                parameters.FirstOrDefault(one => one.Names.Contains(names[stored])) is { } parameter
                && state.Parameters.TryGetValue(index, out var slot)
                && Shape(slot)?.SequenceEqual(parameter.Tensor.shape) != false
            )
                slots[parameter.Name] = slot;
        }
        return slots.Count > 0 ? slots : null;
    }

    private static Dictionary<string, OptimizerSlot>? ByOrder(
        OptimizerContent state,
        IReadOnlyList<DistinctParameter> parameters
    )
    {
        var groups = state.Groups.Select(group =>
            group.Parameters.Select(index => Shape(state.Parameters.GetValueOrDefault(index))).ToArray()
        );
        if (ParameterOrder.TryFind([.. groups], [.. parameters.Select(one => one.Tensor.shape)]) is not { } places)
            return null;
        var slots = new Dictionary<string, OptimizerSlot>(StringComparer.Ordinal);
        foreach (var (group, found) in state.Groups.Zip(places))
        {
            foreach (var (index, place) in group.Parameters.Zip(found))
            {
                if (state.Parameters.TryGetValue(index, out var slot))
                    slots[parameters[place].Name] = slot;
            }
        }
        return slots;
    }

    private static long[]? Shape(OptimizerSlot? slot) =>
        slot
            ?.Tensors.Where(pair => pair.Key is "exp_avg_sq" or "square_avg" or "exp_avg")
            .Select(pair => pair.Value.shape)
            .FirstOrDefault();

    /// <summary>The rule's numbers on which P depends must be those of the spec.</summary>
    private static void RequireSettings(OptimizerContent state, CheckpointFile file, OptimizerSpec rule)
    {
        var rms = rule.Name == OptimizerNames.RmsProp;
        (string Key, string Theirs, double Ours)[] numbers =
        [
            ("optimizer.momentum", rms ? "" : "beta1", rule.Momentum),
            ("optimizer.second_moment", rms ? "alpha" : "beta2", rule.UsedSecondMoment),
            ("optimizer.epsilon", "eps", rule.Epsilon),
        ];
        string[] others =
        [
            .. numbers.SelectMany(number =>
                state
                    .Groups.Select(group =>
                        group.Numbers.TryGetValue(number.Theirs, out var theirs) ? theirs : number.Ours
                    )
                    .Distinct()
                    .Where(theirs => theirs != number.Ours)
                    .Select(theirs =>
                        FormattableString.Invariant(
                            $"{number.Key} = {number.Ours}, but the optimizer has {number.Theirs} = {theirs}"
                        )
                    )
            ),
        ];
        if (others.Length > 0)
            throw new TrajectoryException(
                $"{file.Path}: its optimizer has other settings: {string.Join("; ", others)}. Set the keys to its values."
            );
        string[] unknown = ["amsgrad", "centered", "maximize"];
        if (unknown.FirstOrDefault(name => state.Groups.Any(Has(name))) is { } option)
            throw new TrajectoryException(
                $"{file.Path}: its optimizer has {option} = True, whose P differs from that of optimizer.name = "
                    + $"\"{rule.Name}\". Set optimizer.name = \"gd\" to measure H itself against 2/eta."
            );
    }

    private static Func<OptimizerGroup, bool> Has(string option) =>
        group => group.Numbers.TryGetValue(option, out var set) && set != 0;
}
