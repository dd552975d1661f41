using Gyre.Lab.Data;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.Training;
using static TorchSharp.torch;

namespace Gyre.Lab.Experiments;

/// <summary>What a resolved spec stands for, made: data on the device, the model at its initialisation, the objective, the optimizer.</summary>
internal sealed class RunSetup : IDisposable
{
    private readonly LossSum _loss;
    private readonly DataTensors _data;

    public RunSetup(RunSpec spec)
    {
        Spec = spec;
        var dtype = spec.Dtype == "float64" ? ScalarType.Float64 : ScalarType.Float32;
        var device = new Device(spec.Device);
        _loss = LossCatalog.Find(spec.Objective.Loss);
        var data = DataCatalog.Find(spec.Data.Name).Read(spec.Data.Path);
        var chosen = Subset.Choose(data.Train.Labels, spec.Data.Samples, spec.Data.Subset, data.Classes, Seeds.For(spec.Seed, Purpose.Subset));
        _data = new DataTensors(data, chosen, dtype, device);
        Model = ModelCatalog.Build(spec.Model.Name, new ModelRequest(
            _data.SampleShape, _data.Classes, spec.Model.Widths, spec.Model.Activation, spec.Model.Initialisation,
            Seeds.For(spec.Seed, Purpose.Initialisation), dtype, device));
        Objective = new Objective(Model, _loss, _data.TrainInputs, _data.TrainLabels, spec.Objective.Chunk, spec.Objective.WeightDecay);
        Descent = new GradientDescent(Objective);
    }

    public RunSpec Spec { get; }

    public nn.Module<Tensor, Tensor> Model { get; }

    public Objective Objective { get; }

    public GradientDescent Descent { get; }

    /// <summary>The test set's loss and accuracy.</summary>
    public HeldOut Evaluate() => HeldOut.Measure(Model, _loss, _data.TestInputs, _data.TestLabels, Spec.Objective.Chunk);

    public void Dispose()
    {
        Descent.Dispose();
        Objective.Dispose();
        Model.Dispose();
        _data.Dispose();
    }
}
