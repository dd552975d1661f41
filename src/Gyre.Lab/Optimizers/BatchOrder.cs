using Gyre.Lab.Data;

namespace Gyre.Lab.Optimizers;

/// <summary>
/// Chooses the samples of each step's batch. The choice is a function of seed and step alone, so that a resumed run
/// continues with the same batches.
/// </summary>
/// <param name="samples">N.</param>
/// <param name="batch">Samples per batch; at most N are used.</param>
/// <param name="seed">Seed for the orders.</param>
internal sealed class BatchOrder(int samples, int batch, int seed)
{
    private readonly int _size = Math.Min(batch, samples);
    private int[] _order = [];
    private long _epoch = -1;

    /// <summary>Steps per epoch.</summary>
    public int Batches => (samples + _size - 1) / _size;

    /// <summary>Returns the batch of a step, valid until the next call.</summary>
    public ReadOnlyMemory<int> At(long step)
    {
        var (epoch, place) = (step / Batches, (int)(step % Batches));
        if (epoch != _epoch)
            Shuffle(epoch);
        return _order.AsMemory(place * _size, Math.Min(_size, samples - place * _size));
    }

    private void Shuffle(long epoch)
    {
        _order = [.. Enumerable.Range(0, samples)];
        SplitMix.Create(seed, epoch).Shuffle(_order);
        _epoch = epoch;
    }
}
