using static TorchSharp.torch;

namespace Gyre.Torch.Weights;

/// <summary>The supported formats of weight files.</summary>
internal enum WeightsForm
{
    /// <summary>A state dict written by torch.save, or a checkpoint that contains one.</summary>
    TorchSave,

    /// <summary>A safetensors file.</summary>
    Safetensors,

    /// <summary>A checkpoint of a Gyre run: theta as one vector <c>theta</c>, and buffers.</summary>
    Checkpoint,
}

/// <summary>The tensors of a weight file, and what else it records about the training.</summary>
/// <param name="Path">The path that was given.</param>
/// <param name="Form">The format of the file.</param>
/// <param name="Tensors">By their names in the file, on the CPU. Names that refer to the same tensor share
/// one.</param>
internal sealed record WeightsContent(string Path, WeightsForm Form, IReadOnlyDictionary<string, Tensor> Tensors)
{
    /// <summary>The names whose values are not read, each with a description of its value.</summary>
    public IReadOnlyDictionary<string, string> Unread { get; init; } = new Dictionary<string, string>();

    /// <summary>Notes on what was removed or left out to get the tensors, one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Numbers stored next to the weights, such as <c>epoch</c> and <c>global_step</c>.</summary>
    public IReadOnlyDictionary<string, double> Numbers { get; init; } = new Dictionary<string, double>();

    /// <summary>The state of the PyTorch optimizer; null if there is none, or if it was not requested.</summary>
    public OptimizerContent? Optimizer { get; init; }

    /// <summary>The metadata of a safetensors file; for a checkpoint, this includes its step.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// Returns the same tensors under the names that a network uses. Prefixes that PyTorch's wrappers add
    /// (<see cref="WeightNames"/>) are removed if more names match without them, and a note is added.
    /// </summary>
    /// <param name="wanted">The network's names.</param>
    public WeightsContent For(IReadOnlyCollection<string> wanted)
    {
        var (names, note) = WeightNames.Fit([.. Tensors.Keys, .. Unread.Keys], wanted);
        return note is null
            ? this
            : this with
            {
                Tensors = Tensors.ToDictionary(pair => names[pair.Key], pair => pair.Value, StringComparer.Ordinal),
                Unread = Unread.ToDictionary(pair => names[pair.Key], pair => pair.Value, StringComparer.Ordinal),
                Notes = [.. Notes, note],
            };
    }
}

/// <summary>
/// The state of a PyTorch optimizer (<c>optimizer.state_dict()</c>). PyTorch numbers its parameters in the order of
/// its groups, which is that of <c>model.parameters()</c> if the optimizer was created from it.
/// </summary>
/// <param name="Source">The optimizer's location, for messages.</param>
/// <param name="Groups">The groups, in order.</param>
/// <param name="Parameters">The state of each parameter, by its index in the groups. A parameter that was never
/// updated has no entry.</param>
internal sealed record OptimizerContent(
    string Source,
    IReadOnlyList<OptimizerGroup> Groups,
    IReadOnlyDictionary<long, OptimizerSlot> Parameters
);

/// <summary>Parameters that share the same settings.</summary>
/// <param name="Parameters">The indices of the parameters.</param>
/// <param name="Names">The names of the parameters, if the file stores them (PyTorch 2.6 and later); otherwise
/// empty.</param>
/// <param name="Numbers">Settings by PyTorch's names: <c>lr</c>, <c>eps</c>, <c>weight_decay</c>, <c>momentum</c>,
/// ...; the two values of <c>betas</c> as <c>beta1</c> and <c>beta2</c>, and flags as 0 or 1.</param>
internal sealed record OptimizerGroup(
    IReadOnlyList<long> Parameters,
    IReadOnlyList<string> Names,
    IReadOnlyDictionary<string, double> Numbers
);

/// <summary>The state that an optimizer keeps for one parameter.</summary>
/// <param name="Tensors">By PyTorch's names: <c>exp_avg</c>, <c>exp_avg_sq</c>, <c>momentum_buffer</c>, ...; on the
/// CPU.</param>
/// <param name="Step">The number of updates so far; null if the optimizer does not count them.</param>
internal sealed record OptimizerSlot(IReadOnlyDictionary<string, Tensor> Tensors, double? Step);
