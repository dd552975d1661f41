using Gyre.Lab.Models;
using Gyre.Lab.RunFiles;
using Gyre.Torch;
using Gyre.Torch.Weights;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>
/// Loads the tensors of a weights file into a network: parameters and buffers by name, either all or, if the user
/// allows it, those that fit.
/// </summary>
internal static class NetworkWeights
{
    /// <summary>PyTorch's counter in a BatchNorm; nothing is computed from it.</summary>
    private const string Counter = "num_batches_tracked";

    private static readonly string[] Statistics = ["running_mean", "running_var", Counter];

    /// <summary>Reads the file that a spec names and loads it into the network.</summary>
    /// <param name="network">The network whose parameters and buffers are written.</param>
    /// <param name="spec">A spec that names a file.</param>
    /// <returns>Notes for a reader of the results, one sentence each.</returns>
    /// <exception cref="WeightsException">The file is not a weights file, or it is damaged.</exception>
    /// <exception cref="ModelException">It does not fit, or is not the file that the spec was made for.</exception>
    public static IReadOnlyList<string> Load(Network network, ModelSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        if (
            spec.WeightsChecksum.Length > 0
            && WeightsFile.Sha256(spec.Weights) is var now
            && now != spec.WeightsChecksum
        )
            throw new ModelException(
                $"{spec.Weights} is not the file of weights that this run started with: its SHA-256 is {now}, not "
                    + $"{spec.WeightsChecksum} (model.weights_sha256). Restore that file, or start another run."
            );
        using var scope = NewDisposeScope();
        return Load(network, WeightsFile.Read(spec.Weights), spec.WeightsPartial);
    }

    /// <summary>Loads tensors into a network.</summary>
    /// <param name="network">The network whose parameters and buffers are written.</param>
    /// <param name="content">The contents of a file.</param>
    /// <param name="partial">Whether tensors that do not fit are left out and missing ones stay as they are.</param>
    /// <param name="offersPartial">Whether a refusal mentions that a part can be loaded.</param>
    /// <returns>Notes on what was changed, left out or converted, one sentence each.</returns>
    /// <exception cref="ModelException">Something does not fit and <paramref name="partial"/> is false, or nothing
    /// fits. Nothing is written in these cases.</exception>
    public static IReadOnlyList<string> Load(
        Network network,
        WeightsContent content,
        bool partial = false,
        bool offersPartial = true
    )
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(content);
        using var none = no_grad();
        using var scope = NewDisposeScope();
        var checkpoint = content.Form == WeightsForm.Checkpoint;
        var slots = WeightSlot.Find(network, frozen: !checkpoint);
        var fitted = checkpoint ? WithNames(network, content) : content.For([.. slots.SelectMany(slot => slot.Names)]);
        var fit = WeightFit.Create(slots, fitted);
        var left = LeftOut(network, fit);
        fit = fit with { Unexpected = [.. fit.Unexpected.Except(left)] };
        if (!fit.IsWhole && (!partial || fit.Found.Count == 0))
            throw new ModelException(fit.Refusal(partial || !offersPartial));
        foreach (var (slot, tensor) in fit.Found)
            slot.Target.copy_(tensor);
        return
        [
            .. fitted.Notes.Concat(fit.Notes).Select(note => $"{content.Path}: {note}."),
            .. left.Count == 0 ? (string[])[] : [$"{content.Path}: {LeftOutNote(left)}."],
        ];
    }

    /// <summary>
    /// Finds running statistics that the network does not keep, because it normalizes by the statistics of its chunks
    /// or has no counter.
    /// </summary>
    private static HashSet<string> LeftOut(Network network, WeightFit fit) =>
        [
            .. fit.Unexpected.Where(name =>
                Statistics.Any(one =>
                    name.EndsWith($".{one}", StringComparison.Ordinal) && (one == Counter || network.KeepsNoStatistics)
                )
            ),
        ];

    private static string LeftOutNote(HashSet<string> left) =>
        $"{Counted.Format(left.Count, "tensor")} of BatchNorm "
        + $"({string.Join(", ", left.Select(name => name[(name.LastIndexOf('.') + 1)..]).Distinct())}) "
        + $"{(left.Count == 1 ? "is" : "are")} left out: this network has none (docs/models.md)";

    /// <summary>
    /// A checkpoint of this program stores theta as one vector, in the order of the network's own parameters.
    /// </summary>
    private static WeightsContent WithNames(Network network, WeightsContent content)
    {
        Checkpoints.Verify(content.Path, content.Metadata, content.Tensors);
        var (layout, theta) = (ParameterLayout.FromModule(network), content.Tensors["theta"]);
        if (theta.numel() != layout.Dimension)
            throw new ModelException(
                $"{content.Path} is a checkpoint of a network with {theta.numel()} parameters, but this one has "
                    + $"{layout.Dimension}. A checkpoint has no names: it fits only the network of its own run."
            );
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var parts = theta.view(-1).split([.. layout.Sizes], 0);
        foreach (
            var (slot, i) in WeightSlot.Find(network, frozen: false).Take(layout.Count).Select((slot, i) => (slot, i))
        )
            tensors.Add(slot.Names[0], parts[i].view(layout.Shapes[i]));
        foreach (var (name, tensor) in content.Tensors)
        {
            if (name.StartsWith(RunUpdates.BufferPrefix, StringComparison.Ordinal))
                tensors.TryAdd(name[RunUpdates.BufferPrefix.Length..], tensor);
        }
        return content with
        {
            Tensors = tensors,
            Notes = [.. content.Notes, $"theta of step {content.Metadata.GetValueOrDefault("step")} of a run of gyre"],
        };
    }
}
