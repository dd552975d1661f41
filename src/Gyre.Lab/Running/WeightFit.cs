using System.Globalization;
using Gyre.Lab.Models;
using Gyre.Torch;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>A tensor of a network that weights are loaded into.</summary>
/// <param name="Names">Its names; several if the network uses it in several places.</param>
/// <param name="Target">The tensor to write.</param>
internal sealed record WeightSlot(IReadOnlyList<string> Names, Tensor Target)
{
    /// <summary>All names joined into one, such as <c>encoder.weight = decoder.weight</c>.</summary>
    public string Name => string.Join(" = ", Names);

    /// <summary>
    /// Returns the parameters of a network, in its order, and the buffers in its state dict; buffers that it does not
    /// save are not weights.
    /// </summary>
    /// <param name="network">The network.</param>
    /// <param name="frozen">Whether to include parameters that do not require a gradient.</param>
    public static IReadOnlyList<WeightSlot> Find(Network network, bool frozen) =>
        [
            .. DistinctParameters
                .Find(network)
                .Where(one => frozen || one.Tensor.requires_grad)
                .Select(one => new WeightSlot(one.Names, one.Tensor)),
            .. network.named_buffers().Select(one => new WeightSlot([one.name], one.buffer)),
        ];
}

/// <summary>How the tensors of a file fit a network.</summary>
/// <param name="Content">The contents of the file, by the network's names.</param>
internal sealed record WeightFit(WeightsContent Content)
{
    private const int Shown = 12;
    private const int MostRenamed = 40;

    /// <summary>Tensors of the network, each with its tensor from the file.</summary>
    public required IReadOnlyList<(WeightSlot Slot, Tensor Tensor)> Found { get; init; }

    /// <summary>Tensors of the network that the file does not have.</summary>
    public required IReadOnlyList<WeightSlot> Missing { get; init; }

    /// <summary>Names in the file that the network does not have.</summary>
    public required IReadOnlyList<string> Unexpected { get; init; }

    /// <summary>Tensors of the network that are in the file but cannot be loaded, in words.</summary>
    public required IReadOnlyList<string> Misfits { get; init; }

    /// <summary>Whether everything fits.</summary>
    public bool IsWhole => Missing.Count + Unexpected.Count + Misfits.Count == 0;

    /// <summary>The tensors that were converted, and those that were not loaded, in words.</summary>
    public IEnumerable<string> Notes => IsWhole ? Conversions : [.. Conversions, .. LeftOut];

    private IEnumerable<string> Conversions =>
        Found
            .Where(one => one.Tensor.dtype != one.Slot.Target.dtype)
            .GroupBy(one => (From: one.Tensor.dtype, To: one.Slot.Target.dtype))
            .Select(kind =>
                $"{CountOf(kind.Count())} of {kind.Key.From} {Are(kind.Count())} converted to {kind.Key.To}"
            );

    private IEnumerable<string> LeftOut =>
        [
            .. Parts("not in the file, and left at the initial values", "left out, since the network has no such name"),
            $"{CountOf(Found.Count)} {Are(Found.Count)} loaded (model.weights_partial)",
        ];

    private static string CountOf(int tensors) => Counted.Format(tensors, "tensor");

    private static string Are(int tensors) => tensors == 1 ? "is" : "are";

    /// <summary>Compares the tensors of a network with those of a file.</summary>
    public static WeightFit Create(IReadOnlyList<WeightSlot> slots, WeightsContent content)
    {
        var (found, missing, misfits) = (new List<(WeightSlot, Tensor)>(), new List<WeightSlot>(), new List<string>());
        foreach (var slot in slots)
        {
            var given = slot.Names.Where(content.Tensors.ContainsKey).Select(name => content.Tensors[name]).ToArray();
            if (given.Length > 0 && FindMisfit(slot, given) is { } misfit)
                misfits.Add(misfit);
            else if (given.Length > 0)
                found.Add((slot, given[0]));
            else if (slot.Names.FirstOrDefault(content.Unread.ContainsKey) is { } unread)
                misfits.Add($"{unread} is {content.Unread[unread]} in the file");
            else
                missing.Add(slot);
        }
        var known = slots.SelectMany(slot => slot.Names).ToHashSet(StringComparer.Ordinal);
        return new WeightFit(content)
        {
            Found = found,
            Missing = missing,
            Misfits = misfits,
            Unexpected = [.. content.Tensors.Keys.Concat(content.Unread.Keys).Where(name => !known.Contains(name))],
        };
    }

    /// <summary>Returns everything that does not fit, and what to do about it, for people.</summary>
    /// <param name="partial">Whether to omit the advice to load only the part that fits.</param>
    public string Refusal(bool partial)
    {
        var lines = Parts("missing", "unexpected").Select(part => $"  {part}");
        var head =
            Found.Count == 0
                ? $"{Content.Path} has nothing of this network:"
                : $"{Content.Path} does not fit this network; {Found.Count} tensors of it do:";
        var cure =
            partial || Found.Count == 0
                ? ""
                : "\nmodel.weights_partial = true loads what fits and leaves the rest at the initial values.";
        return $"{head}\n{string.Join('\n', lines)}\n{Rename()}{cure}";
    }

    private IEnumerable<string> Parts(string missing, string unexpected)
    {
        if (Missing.Count > 0)
            yield return $"{missing}: {Listed([.. Missing.Select(slot => $"{Clipped(slot.Name)} {ShapeOf(slot.Target)}")])}";
        if (Unexpected.Count > 0)
            yield return $"{unexpected}: {Listed([.. Unexpected.Select(Describe)])}";
        if (Misfits.Count > 0)
            yield return $"another shape or type: {Listed(Misfits)}";
    }

    private string Describe(string name) =>
        Content.Tensors.TryGetValue(name, out var tensor)
            ? $"{Clipped(name)} {ShapeOf(tensor)}"
            : $"{Clipped(name)}: {Content.Unread[name]}";

    /// <summary>Returns how to rename the tensors; by their order, if the shapes agree in that order.</summary>
    private string Rename()
    {
        var order = Unexpected.Where(Content.Tensors.ContainsKey).Select(name => Content.Tensors[name]).ToArray();
        var alike =
            Missing.Count is > 0 and <= MostRenamed
            && Misfits.Count == 0
            && order.Length == Unexpected.Count
            && order.Length == Missing.Count
            && order.Zip(Missing).All(pair => pair.First.shape.AsSpan().SequenceEqual(pair.Second.Target.shape));
        if (!alike || Content.Form != WeightsForm.TorchSave)
            return "Rename the tensors in Python, or choose the network that they belong to (model.*).";
        var pairs = Unexpected.Zip(Missing, (from, to) => $"\"{Clipped(from)}\": \"{Clipped(to.Names[0])}\"");
        return "The shapes agree in order. In Python, with the state dict s: names = "
            + $"{{{string.Join(", ", pairs)}}}; torch.save({{names.get(k, k): v for k, v in s.items()}}, \"renamed.pt\").";
    }

    private static string? FindMisfit(WeightSlot slot, Tensor[] given)
    {
        var (target, name) = (slot.Target, Clipped(slot.Name));
        if (given.FirstOrDefault(one => !one.shape.AsSpan().SequenceEqual(target.shape)) is { } other)
            return $"{name} is {ShapeOf(other)} in the file and {ShapeOf(target)} in the network";
        // libtorch converts all buffers of a TorchScript module to real numbers, counters included
        if (target.is_floating_point() ? given[0].is_complex() : given[0].dtype != target.dtype)
            return $"{name} is {given[0].dtype} in the file and {target.dtype} in the network";
        return given.Skip(1).All(one => one.dtype == given[0].dtype && one.Equals(given[0]))
            ? null
            : $"{name} is one tensor of the network, but its names have different values in the file";
    }

    private static string ShapeOf(Tensor tensor) => TensorKind.ShapeText(tensor.shape);

    private static string Clipped(string name) => PlainText.Clipped(name, 80);

    private static string Listed(IReadOnlyList<string> parts) =>
        string.Join(", ", parts.Take(Shown))
        + (parts.Count > Shown ? string.Create(CultureInfo.InvariantCulture, $" and {parts.Count - Shown} more") : "");
}
