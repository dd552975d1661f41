using Gyre.Lab.Data;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.Training;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Experiments;

/// <summary>What a resolved spec stands for, made: data on the device, the model at its initialisation, the objective, the optimizer.</summary>
internal sealed class RunSetup : IDisposable
{
    private readonly LossSum _loss;
    private readonly DataTensors _data;
    private readonly TensorSamples _train;
    private readonly TensorSamples? _test;

    public RunSetup(RunSpec spec)
    {
        Spec = spec;
        var dtype = spec.Dtype == "float64" ? ScalarType.Float64 : ScalarType.Float32;
        var device = new Device(spec.Device);
        _loss = LossCatalog.Find(spec.Objective.Loss);
        _data = DataCatalog.Find(spec.Data.Name).Load(new DataRequest(
            spec.Data.Path, spec.Data.Samples, spec.Data.Subset, Seeds.For(spec.Seed, Purpose.Subset), spec.Data.Degree, spec.Data.Targets, dtype, device));
        Model = ModelCatalog.Build(spec.Model.Name, new ModelRequest(
            _data.SampleShape, _data.Outputs, spec.Model.Widths, spec.Model.Depth, spec.Model.Activation, spec.Model.Initialisation,
            Seeds.For(spec.Seed, Purpose.Initialisation), dtype, device)
        {
            Width = spec.Model.Width,
            Norm = spec.Model.Norm,
            Heads = spec.Model.Heads,
            Patch = spec.Model.Patch,
            Pooling = spec.Model.Pooling,
            Tokens = _data.TrainInputs.dtype == ScalarType.Int64,
        });
        _train = new TensorSamples(_data.TrainInputs, _data.TrainTargets, spec.Objective.Chunk);
        _test = _data.Test is var (inputs, targets) ? new TensorSamples(inputs, targets, spec.Objective.Chunk) : null;
        Objective = new Objective(Model, _loss, _train, spec.Objective.WeightDecay);
        Descent = new GradientDescent(Objective);
        Begin(spec.Model.Start);
        OneDnn.UseFor(Model.HasNoRemainder);
    }

    public RunSpec Spec { get; }

    public Network Model { get; }

    public Objective Objective { get; }

    public GradientDescent Descent { get; }

    /// <summary>The test set's loss and accuracy, BatchNorm by the statistics of the training samples at this theta; null where there is none.</summary>
    public HeldOut? Evaluate()
    {
        if (_test is null)
            return null;
        using var population = Model.UsePopulation(_train.Chunks, chunk => _train.Chunk(chunk).Inputs);
        return HeldOut.Measure(Model, _loss, _test);
    }

    /// <summary>theta as the spec gives it, where it does.</summary>
    private void Begin(IReadOnlyList<double> start)
    {
        if (start.Count == 0)
            return;
        var layout = Objective.Layout;
        if (start.Count != layout.Dimension)
            throw new SpecException([new("model.start", $"{start.Count} numbers, but the model has {layout.Dimension} parameters: {string.Join(", ", layout.Names.Zip(Objective.Parameters, (name, parameter) => $"{name} [{string.Join(", ", parameter.shape)}]"))}")]);
        using var scope = NewDisposeScope();
        layout.CopyTo(tensor(start.ToArray()).to(layout.Dtype, new Device(Spec.Device)), Objective.Parameters);
    }

    public void Dispose()
    {
        OneDnn.UseFor(false);
        Descent.Dispose();
        Objective.Dispose();
        Model.Dispose();
        _train.Dispose();
        _test?.Dispose();
        _data.Dispose();
    }
}
