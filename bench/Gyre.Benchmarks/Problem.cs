using Gyre.Lab.Data;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;
using static TorchSharp.torch;

namespace Gyre.Benchmarks;

/// <summary>The reference problem: Fashion-MNIST, 1,000 images, MLP 784-200-200-10, cross-entropy.</summary>
internal sealed class Problem : IDisposable
{
    public Problem(string activation, int samples = 1000, int[]? widths = null)
    {
        Data = DataCatalog
            .Get(FashionMnist.Name)
            .Load(
                new DataRequest("") { Samples = samples, Layout = new(samples, long.MaxValue, ScalarType.Float32, CPU) }
            );
        Model = ModelCatalog.Build(
            "mlp",
            new ModelRequest
            {
                InputShape = Data.Train.SampleShape,
                Outputs = 10,
                Widths = widths ?? [200, 200],
                Depth = 2,
                Activation = activation,
                Initialisation = "pytorch",
                Seed = 1,
                Dtype = ScalarType.Float32,
                Device = CPU,
            }
        );
        Objective = new Objective(Model, LossCatalog.Get("cross-entropy"), Data.Train);
        Descent = new GradientDescent(Objective, new OptimizerOptions());
    }

    public TrainingData Data { get; }

    public nn.Module<Tensor, Tensor> Model { get; }

    public Objective Objective { get; }

    public GradientDescent Descent { get; }

    public void Dispose()
    {
        Descent.Dispose();
        Objective.Dispose();
        Model.Dispose();
        Data.Dispose();
    }

    public static double Milliseconds(Action act)
    {
        var start = TimeProvider.System.GetTimestamp();
        act();
        return TimeProvider.System.GetElapsedTime(start).TotalMilliseconds;
    }
}
