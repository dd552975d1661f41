using System.Globalization;
using static TorchSharp.torch;

namespace Gyre.Torch.Weights;

/// <summary>
/// Reads the state dict of a PyTorch optimizer: <c>state</c>, by parameter index, and <c>param_groups</c>.
/// </summary>
/// <param name="file">The file that stores the tensors.</param>
internal sealed class OptimizerReader(TorchSaveFile file)
{
    private const string Step = "step";
    private const int MostGroups = 10_000;

    private static readonly string[] Keys = ["optimizer", "optimizer_state_dict"];

    /// <summary>Returns the optimizer in a dictionary that encloses the weights, or null if there is none.</summary>
    /// <param name="around">The enclosing dictionary.</param>
    /// <param name="notes">Receives a sentence if there is an optimizer that cannot be read, or if there are
    /// several.</param>
    public OptimizerContent? Find(StoredDictionary around, List<string> notes)
    {
        if (Keys.FirstOrDefault(around.Has) is { } key)
            return Read(around.Find(key), $"\"{key}\"", notes);
        if (around.Find("optimizer_states") is not StoredList { Items: { Count: > 0 } states })
            return null;
        if (states.Count > 1)
            notes.Add($"\"optimizer_states\" has {states.Count} optimizers; the first is read");
        return Read(states[0], "\"optimizer_states\"[0]", notes);
    }

    /// <summary>Reads an optimizer, or returns null if the value is not one, with a note that explains why.</summary>
    /// <param name="value">The optimizer's state dict.</param>
    /// <param name="source">The optimizer's location, for messages.</param>
    /// <param name="notes">Receives the note.</param>
    public OptimizerContent? Read(object? value, string source, List<string> notes)
    {
        try
        {
            var whole = value as StoredDictionary ?? throw new FormatException(TorchSaveFile.Described(value));
            var groups = Items(whole.Find("param_groups"), "param_groups").Select(Group).ToArray();
            if (groups.Length > MostGroups)
                throw new FormatException($"{groups.Length} parameter groups, more than {MostGroups}");
            var state = whole.Find("state") as StoredDictionary ?? throw new FormatException("no \"state\"");
            return new OptimizerContent(source, groups, state.Pairs.ToDictionary(pair => Index(pair.Key), Slot));
        }
        catch (FormatException error)
        {
            notes.Add($"the optimizer's state in {source} is not read because of unexpected content: {error.Message}");
            return null;
        }
    }

    private static OptimizerGroup Group(object? value)
    {
        var group = value as StoredDictionary ?? throw new FormatException("a group that is not a dictionary");
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (key, given) in group.Pairs)
        {
            if (key is "betas" && given is StoredTuple { Items: [var first, var second] })
            {
                numbers["beta1"] = Number(first) ?? double.NaN;
                numbers["beta2"] = Number(second) ?? double.NaN;
            }
            else if (key is string name && Number(given) is { } number)
                numbers[name] = number;
        }
        return new OptimizerGroup(
            [.. Items(group.Find("params"), "params").Select(Index)],
            group.Find("param_names") is StoredList names ? [.. names.Items.OfType<string>()] : [],
            numbers
        );
    }

    private OptimizerSlot Slot((object? Key, object? Value) pair)
    {
        var slot =
            pair.Value as StoredDictionary ?? throw new FormatException("parameter state that is not a dictionary");
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (key, value) in slot.Pairs)
        {
            if (key is string name && name != Step && value is StoredTensor)
                tensors.Add(name, file.Read(value, $"{name} of the optimizer's parameter {pair.Key}"));
        }
        return new OptimizerSlot(tensors, Steps(slot.Find(Step)));
    }

    /// <summary>Reads a step count, which is a number or a tensor with a single number.</summary>
    private double? Steps(object? value)
    {
        if (value is not StoredTensor stored)
            return Number(value);
        using var scope = NewDisposeScope();
        var tensor = file.Read(stored, "the optimizer's step");
        return tensor.numel() == 1
            ? Host.CopyFromHost(tensor)[0]
            : throw new FormatException("a step that is not a single number");
    }

    private static long Index(object? key) =>
        key as long? ?? throw new FormatException("parameters identified by something other than indices");

    private static IReadOnlyList<object?> Items(object? value, string what) =>
        value is StoredList list ? list.Items : throw new FormatException($"no list \"{what}\"");

    internal static double? Number(object? value) =>
        value switch
        {
            bool flag => flag ? 1 : 0,
            long whole => Convert.ToDouble(whole, CultureInfo.InvariantCulture),
            double number => number,
            _ => null,
        };
}
