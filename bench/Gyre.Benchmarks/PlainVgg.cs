using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Benchmarks;

/// <summary>
/// The catalog's VGG-11 without a norm, built from TorchSharp's modules, as a program without Gyre would train it.
/// </summary>
internal sealed class PlainVgg : nn.Module<Tensor, Tensor>
{
    private readonly Sequential _layers;

    public PlainVgg(long width)
        : base(nameof(PlainVgg))
    {
        var layers = new List<(string, nn.Module<Tensor, Tensor>)>();
        void Add(nn.Module<Tensor, Tensor> layer) => layers.Add(($"layer{layers.Count}", layer));
        var from = 3L;
        foreach (
            var (factor, halved) in new[]
            {
                (1, true),
                (2, true),
                (4, false),
                (4, true),
                (8, false),
                (8, true),
                (8, false),
                (8, true),
            }
        )
        {
            Add(nn.Conv2d(from, factor * width, 3, padding: 1));
            Add(nn.ReLU());
            if (halved)
                Add(nn.MaxPool2d(2));
            from = factor * width;
        }
        Add(nn.Flatten());
        for (var layer = 0; layer < 2; layer++)
        {
            Add(nn.Linear(8 * width, 8 * width));
            Add(nn.ReLU());
        }
        Add(nn.Linear(8 * width, 10));
        _layers = nn.Sequential(layers);
        RegisterComponents();
    }

    public override Tensor forward(Tensor input) => _layers.call(input);
}
