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
    private readonly TrainingData _data;

    public RunSetup(RunSpec spec)
    {
        Spec = spec;
        var request = SpecData.Request(spec);
        _loss = LossCatalog.Find(spec.Objective.Loss);
        _data = DataCatalog.Find(spec.Data.Name).Load(request);
        if (_data.Numbers && LossCatalog.NeedsClasses(spec.Objective.Loss))
            throw new SpecException([new("objective.loss", $"\"{spec.Objective.Loss}\" needs classes, and the targets of this data are numbers; \"squared-error\" takes them")]);
        Model = ModelCatalog.Build(spec.Model.Name, new ModelRequest(
            _data.Train.SampleShape, _data.Outputs, spec.Model.Widths, spec.Model.Depth, spec.Model.Activation, spec.Model.Initialisation,
            Seeds.For(spec.Seed, Purpose.Initialisation), request.Layout.Dtype, request.Layout.Device)
        {
            Width = spec.Model.Width,
            Norm = spec.Model.Norm,
            Heads = spec.Model.Heads,
            Patch = spec.Model.Patch,
            Pooling = spec.Model.Pooling,
            File = spec.Model.File,
            Checksum = spec.Model.Checksum,
            SampleShape = spec.Model.SampleShape,
            Tokens = _data.Tokens,
        });
        Objective = new Objective(Model, _loss, Train, spec.Objective.WeightDecay);
        Optimizer = OptimizerCatalog.Make(Objective, spec.Optimizer);
        Begin(spec.Model.Start);
        OneDnn.UseFor(Model.HasNoRemainder);
    }

    public RunSpec Spec { get; }

    public Network Model { get; }

    public Objective Objective { get; }

    public Optimizer Optimizer { get; }

    public LossSum Loss => _loss;

    /// <summary>What is trained on; owned here.</summary>
    public ISamples Train => _data.Train;

    /// <summary>Training samples that there are to choose from; null where the program makes them.</summary>
    public long? SamplesAtHand => _data.Available;

    /// <summary>The test set's loss and accuracy, BatchNorm by the statistics of the training samples at this theta; null where there is none.</summary>
    public HeldOut? Evaluate()
    {
        if (_data.Test is not { } test)
            return null;
        using var population = Model.UsePopulation(Train.Chunks, chunk => Train.Chunk(chunk).Inputs);
        return HeldOut.Measure(Model, _loss, test);
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
        layout.CopyTo(tensor(start.ToArray(), device: CPU).to(layout.Dtype, new Device(Spec.Device)), Objective.Parameters);
    }

    public void Dispose()
    {
        OneDnn.UseFor(false);
        Optimizer.Dispose();
        Objective.Dispose();
        Model.Dispose();
        _data.Dispose();
    }
}
