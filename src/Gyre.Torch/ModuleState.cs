using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>
/// Saves the state that a call of a module may change, and restores it on disposal: the training modes of its parts,
/// the buffers (a BatchNorm's running statistics and counts), and the state of libtorch's own generator on the CPU.
/// Parameters and their <c>.grad</c> are not covered, because <see cref="Gradients"/> touches neither.
/// </summary>
/// <remarks>
/// Buffers that changed are written back in place. A graph that the caller built earlier and still needs for a
/// backward pass must not depend on them.
/// </remarks>
internal sealed class ModuleState : IDisposable
{
    private readonly (nn.Module Module, bool Training)[] _modes;
    private readonly (Tensor Buffer, Tensor Value)[] _buffers;
    private readonly Tensor _random;

    /// <summary>Saves a module's current state. Costs a copy of its buffers.</summary>
    public ModuleState(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        using var none = no_grad();
        _modes = [.. module.modules().Prepend(module).Select(part => (part, part.training))];
        _buffers = [.. module.buffers().Select(buffer => (buffer, buffer.clone().DetachFromDisposeScope()))];
        _random = get_rng_state().DetachFromDisposeScope();
    }

    /// <summary>Restores the saved state.</summary>
    public void Dispose()
    {
        using var none = no_grad();
        // Parents come first: train() also sets the children, so the parts that differ are set after it.
        foreach (var (module, training) in _modes.Where(mode => mode.Module.training != mode.Training))
            module.train(training);
        foreach (var (module, training) in _modes.Where(mode => mode.Module.training != mode.Training))
            module.train(training);
        foreach (var (buffer, value) in _buffers)
        {
            if (!buffer.Equals(value))
                buffer.copy_(value);
            value.Dispose();
        }
        set_rng_state(_random);
        _random.Dispose();
    }
}
