using static TorchSharp.torch;

namespace Gyre.Torch;

/// <summary>
/// Remembers what calling a module may change, and puts it back on disposal: which of its parts train, the buffers (a
/// BatchNorm's running statistics and counts), and the state of
/// libtorch's own generator on the CPU. Parameters and their <c>.grad</c> are not its business: <see cref="Gradients"/>
/// touches neither.
/// </summary>
/// <remarks>Buffers that changed are written back in place: a graph that the caller built before and still wants to go
/// backward through must not need them.</remarks>
internal sealed class ModuleState : IDisposable
{
    private readonly (nn.Module Module, bool Training)[] _modes;
    private readonly (Tensor Buffer, Tensor Value)[] _buffers;
    private readonly Tensor _random;

    /// <summary>Takes note of a module's state now. Costs a copy of its buffers.</summary>
    public ModuleState(nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        using var none = no_grad();
        _modes = [.. module.modules().Prepend(module).Select(part => (part, part.training))];
        _buffers = [.. module.buffers().Select(buffer => (buffer, buffer.clone().DetachFromDisposeScope()))];
        _random = get_rng_state().DetachFromDisposeScope();
    }

    /// <summary>Puts everything back.</summary>
    public void Dispose()
    {
        using var none = no_grad();
        // Parents first: train() reaches down, and the parts that differ are set after it.
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
