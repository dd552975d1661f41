using TorchSharp;

namespace Gyre.Tests.TestKit;

/// <summary>
/// Fails the test whose block leaves more or fewer native tensors alive than it found:
/// <c>using var _ = LiveTensors.AssertUnchanged();</c>. Collections in between do not hide a leak: tensors waiting for
/// their finalizer are finalised before
/// the block starts, and the block's own garbage counts as leaked, since the code under test promises to dispose what
/// it makes.
/// TorchSharp counts a Parameter twice and takes it off once, though its memory is released: build models before the
/// block.
/// </summary>
internal static class LiveTensors
{
    public static IDisposable AssertUnchanged()
    {
        // what only a finalizable object held becomes garbage when that one is gone
        for (var pass = 0; pass < 2; pass++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        return new Check(torch.Tensor.TotalCount);
    }

    private sealed class Check(long before) : IDisposable
    {
        public void Dispose()
        {
            var change = torch.Tensor.TotalCount - before;
            Assert.True(
                change == 0,
                $"{change:+0;-0} live tensors over the block: {before} before, {before + change} after."
            );
        }
    }
}
