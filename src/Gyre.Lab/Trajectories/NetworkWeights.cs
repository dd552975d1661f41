using Gyre.Lab.Data;
using Gyre.Torch;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Lab.Trajectories;

/// <summary>Puts weights into a network, by name, every one of them or none.</summary>
internal static class NetworkWeights
{
    private const string Counter = "num_batches_tracked"; // of BatchNorm: counts batches, and changes no value

    /// <summary>Copies every tensor into the parameter or buffer of its name.</summary>
    /// <param name="content">What a file holds.</param>
    /// <param name="model">The network.</param>
    /// <returns>What was converted or left out, a sentence each.</returns>
    /// <exception cref="TrajectoryException">Names or shapes differ; all of them are named.</exception>
    public static IReadOnlyList<string> Put(WeightsContent content, nn.Module model)
    {
        (IReadOnlyList<string> Names, Tensor Tensor)[] wanted =
        [
            .. DistinctParameters.Find(model).Select(one => (one.Names, (Tensor)one.Tensor)),
            .. model.named_buffers().Select(one => ((IReadOnlyList<string>)[one.name], one.buffer)),
        ];
        var named = content.For([.. wanted.SelectMany(one => one.Names)]);
        var notes = new List<string>(named.Notes);
        Require(named, wanted);
        foreach (var (names, tensor) in wanted)
        {
            if (names.FirstOrDefault(named.Tensors.ContainsKey) is not { } name)
                continue;
            var value = named.Tensors[name];
            if (value.dtype != tensor.dtype && value.is_floating_point())
                notes.Add($"weights are {value.dtype} and are measured in {tensor.dtype}");
            tensor.copy_(value);
        }
        return [.. notes.Distinct()];
    }

    private static void Require(WeightsContent content, (IReadOnlyList<string> Names, Tensor Tensor)[] wanted)
    {
        var known = wanted.SelectMany(one => one.Names).ToHashSet(StringComparer.Ordinal);
        string[] missing =
        [
            .. wanted
                .Where(one => !one.Names.Any(content.Tensors.ContainsKey) && !one.Names[0].EndsWith(Counter))
                .Select(one => one.Names[0]),
        ];
        string[] unexpected =
        [
            .. content
                .Tensors.Keys.Concat(content.Unread.Keys)
                .Where(name => !known.Contains(name) && !name.EndsWith(Counter)),
        ];
        string[] misshapen =
        [
            .. wanted
                .SelectMany(one => one.Names.Where(content.Tensors.ContainsKey).Select(name => (name, one.Tensor)))
                .Where(one => !content.Tensors[one.name].shape.SequenceEqual(one.Tensor.shape))
                .Select(one => $"{one.name} {Shape(content.Tensors[one.name])}, here {Shape(one.Tensor)}"),
        ];
        string[] faults =
        [
            .. Fault("missing", missing),
            .. Fault("unexpected", unexpected),
            .. Fault("of another shape", misshapen),
        ];
        if (faults.Length > 0)
            throw new TrajectoryException(
                $"{content.Path} is not of this network: {string.Join("; ", faults)}. Its names must be those of the "
                    + "model (prefixes such as module. are taken off)."
            );
    }

    private static IEnumerable<string> Fault(string what, string[] names)
    {
        if (names.Length > 0)
            yield return $"{what} are {UserFile.Names(names)}";
    }

    private static string Shape(Tensor tensor) => $"[{string.Join(", ", tensor.shape)}]";
}
