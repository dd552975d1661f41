using static TorchSharp.torch;

namespace Gyre.Torch.Weights;

/// <summary>The kinds of files that weights come in.</summary>
internal enum WeightsForm
{
    /// <summary>A state dict, or a checkpoint with one in it, of torch.save.</summary>
    TorchSave,

    /// <summary>A safetensors file.</summary>
    Safetensors,

    /// <summary>A checkpoint of a run of this program: theta as one vector <c>theta</c>, and buffers.</summary>
    Checkpoint,
}

/// <summary>The tensors of a file of weights, and the rest of what it says of a training.</summary>
/// <param name="Path">The file that was named.</param>
/// <param name="Form">What it is.</param>
/// <param name="Tensors">By name as the file has it, on the CPU; one tensor where several names have the same.</param>
internal sealed record WeightsContent(string Path, WeightsForm Form, IReadOnlyDictionary<string, Tensor> Tensors)
{
    /// <summary>Names whose values are not read, with what they are in words.</summary>
    public IReadOnlyDictionary<string, string> Unread { get; init; } = new Dictionary<string, string>();

    /// <summary>What was taken off and left out on the way to the tensors, a sentence each.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Numbers that lie beside the weights, such as <c>epoch</c> and <c>global_step</c>.</summary>
    public IReadOnlyDictionary<string, double> Numbers { get; init; } = new Dictionary<string, double>();

    /// <summary>The state of PyTorch's optimizer; null where there is none, or it was not asked for.</summary>
    public OptimizerContent? Optimizer { get; init; }

    /// <summary>Texts about a safetensors file; of a checkpoint its step, among others.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// The same tensors by the names that a network has: prefixes that PyTorch's wrappers add (<see cref="WeightNames"/>)
    /// are taken off where that makes more names match, with a note.
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
/// The state of PyTorch's optimizer (<c>optimizer.state_dict()</c>). PyTorch counts its parameters in the order of its
/// groups: that of <c>model.parameters()</c> where it was given those.
/// </summary>
/// <param name="Source">Where it lies, for people.</param>
/// <param name="Groups">Its groups, in order.</param>
/// <param name="Parameters">What it keeps of each parameter, by the index that the groups have for it; none of a
/// parameter that was never updated.</param>
internal sealed record OptimizerContent(
    string Source,
    IReadOnlyList<OptimizerGroup> Groups,
    IReadOnlyDictionary<long, OptimizerSlot> Parameters
);

/// <summary>Parameters that are updated alike.</summary>
/// <param name="Parameters">Their indices.</param>
/// <param name="Names">Their names, where the file has them (PyTorch 2.6 and later); else none.</param>
/// <param name="Numbers">Settings by PyTorch's names: <c>lr</c>, <c>eps</c>, <c>weight_decay</c>, <c>momentum</c>, ...;
/// the two of <c>betas</c> as <c>beta1</c> and <c>beta2</c>, and flags as 0 or 1.</param>
internal sealed record OptimizerGroup(
    IReadOnlyList<long> Parameters,
    IReadOnlyList<string> Names,
    IReadOnlyDictionary<string, double> Numbers
);

/// <summary>What an optimizer keeps of one parameter.</summary>
/// <param name="Tensors">By PyTorch's names: <c>exp_avg</c>, <c>exp_avg_sq</c>, <c>momentum_buffer</c>, ...; on the
/// CPU.</param>
/// <param name="Step">Updates so far; null where it does not count them.</param>
internal sealed record OptimizerSlot(IReadOnlyDictionary<string, Tensor> Tensors, double? Step);
