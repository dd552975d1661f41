using Gyre.Lab.Data;
using Gyre.Lab.Models;
using Gyre.Lab.Mpi;
using Gyre.Lab.Objectives;
using Gyre.Lab.Optimizers;
using Gyre.Lab.Specs;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>
/// Creates what a resolved spec describes: data on the device, the model at its initialization, the objective and the
/// optimizer.
/// </summary>
internal sealed class RunSetup : IDisposable
{
    private readonly LossSum _loss;
    private readonly TrainingData _data;
    private readonly RankGroup _ranks;
    private readonly IReadOnlyList<string> _weights;
    private bool? _isExact;

    /// <param name="spec">The resolved spec.</param>
    /// <param name="ranks">The processes that share the chunks; null if this process has all.</param>
    public RunSetup(RunSpec spec, RankGroup? ranks = null)
    {
        (Spec, _ranks) = (spec, ranks ?? RankGroup.Alone);
        var request = SpecData.Request(spec);
        _loss = LossCatalog.Get(spec.Objective.Loss);
        _data = DataCatalog.Get(spec.Data.Name).Load(request);
        if (_data.Numbers && LossCatalog.NeedsClasses(spec.Objective.Loss))
            throw new SpecException([
                new(
                    "objective.loss",
                    $"\"{spec.Objective.Loss}\" needs classes, but the targets of this data are numbers; "
                        + "choose \"squared-error\""
                ),
            ]);
        if (_data.Train.Chunks < _ranks.Count)
            throw new SpecException([TooFewChunks(_data.Train, spec.Objective.Chunk, _ranks.Count)]);
        Model = ModelCatalog.Build(
            spec.Model.Name,
            new ModelRequest(spec.Model)
            {
                InputShape = _data.Train.SampleShape,
                Outputs = _data.Outputs,
                Seed = Seeds.For(spec.Seed, Purpose.Initialization),
                Dtype = request.Layout.Dtype,
                Device = request.Layout.Device,
                Tokens = _data.Tokens,
            }
        );
        RequireBatches();
        _weights = spec.Model.Weights.Length > 0 ? NetworkWeights.Load(Model, spec.Model) : [];
        Objective = new Objective(Model, _loss, Train, spec.Objective.WeightDecay, _ranks);
        Optimizer = OptimizerCatalog.Make(
            Objective,
            new OptimizerOptions(spec.Optimizer) { Seed = spec.Seed, CacheBytes = spec.Objective.CacheBytes }
        );
        Begin(spec.Model.Start);
        OneDnn.UseFor(Model.HasNoRemainder);
    }

    public RunSpec Spec { get; }

    public Network Model { get; }

    public Objective Objective { get; }

    public Optimizer Optimizer { get; }

    public LossSum Loss => _loss;

    /// <summary>The training samples; owned by this instance.</summary>
    public ISamples Train => _data.Train;

    /// <summary>The number of training samples to choose from; null if the program generates them.</summary>
    public long? SamplesAtHand => _data.Available;

    /// <summary>Notes on the files of the data and of the model for a reader of the results.</summary>
    public IReadOnlyList<string> Remarks => [.. _data.Remarks, .. Model.Remarks, .. _weights];

    /// <summary>
    /// Returns the loss and accuracy on the test set, with BatchNorm using the statistics of the training samples at
    /// this theta; null if there is no test set.
    /// </summary>
    public HeldOut? Evaluate()
    {
        if (_data.Test is not { } test)
            return null;
        using var population = Model.UsePopulation(Train.Chunks, chunk => Train.Chunk(chunk).Inputs, Objective.Sum);
        return HeldOut.Measure(Model, _loss, test, _ranks);
    }

    /// <summary>
    /// If ranks share the chunks, a pass over them must leave nothing behind, because buffers would diverge. Costs a
    /// forward pass if the model has buffers.
    /// </summary>
    /// <exception cref="SpecException">A pass changes a buffer.</exception>
    public void CheckShared()
    {
        if (_ranks.Count == 1 || !Model.named_buffers().Any())
            return;
        using var scope = NewDisposeScope();
        using var state = new ModuleState(Model);
        var before = Model.named_buffers().Select(one => one.buffer.clone()).ToArray();
        Objective.Loss();
        if (
            Model.named_buffers().Zip(before).FirstOrDefault(pair => !pair.First.buffer.Equals(pair.Second)) is
            { First.name: { } changed }
        )
            throw new SpecException([
                new(
                    "model.file",
                    $"its buffer {changed} changes with every forward pass (running statistics), so "
                        + "several ranks, which see different samples, would diverge. Export the module in "
                        + "evaluation mode (module.eval()), or start one process"
                ),
            ]);
    }

    /// <summary>
    /// Checks once that the objective is a fixed function at this theta; every rank must call it. Costs two
    /// gradients.
    /// </summary>
    /// <returns>Whether two evaluations agree bit for bit, not only to rounding.</returns>
    /// <exception cref="Objectives.ObjectiveException">The objective is not a fixed function, or it is not
    /// finite.</exception>
    public bool CheckObjective()
    {
        if (_isExact is { } known)
            return known;
        CheckShared();
        using var before = new ModuleState(Model);
        return (_isExact = Objective.SelfCheck()).Value;
    }

    /// <summary>Every chunk of a network that takes a fixed number of samples must have exactly that many.</summary>
    private void RequireBatches()
    {
        if (Model.FixedBatch is not { } batch)
            return;
        var mistakes = new List<SpecMistake>();
        var fewer = Train.Count > batch ? $"; or set it to {Train.Count / batch * batch}" : "";
        if (Train.Count % batch != 0)
            mistakes.Add(new("data.samples", Uneven(Train.Count, "training", batch) + fewer));
        if (_data.Test is { } test && test.Count % batch != 0)
            mistakes.Add(new("data.name", Uneven(test.Count, "test", batch)));
        if (OptimizerCatalog.Get(Spec.Optimizer.Name).DrawsSamples && Spec.Optimizer.Batch != batch)
            mistakes.Add(
                new(
                    "optimizer.batch",
                    $"{Spec.Optimizer.Batch}, but {Spec.Model.File} was exported for {batch} samples at a time: set it to {batch}"
                )
            );
        if (mistakes.Count > 0)
            throw new SpecException(mistakes);
    }

    private string Uneven(long samples, string which, long batch) =>
        $"{samples} {which} samples are not a multiple of {batch}, the number that {Spec.Model.File} was exported for. "
        + $"Export it for any number: {ExportedModel.HowToExportBatches}";

    private static SpecMistake TooFewChunks(ISamples train, int chunk, int ranks) =>
        new(
            "objective.chunk",
            $"{chunk}, which makes {train.Chunks} {Counted.Noun(train.Chunks, "chunk")} of {train.Count} "
                + $"samples: {ranks} ranks need at least one each. Set it to {train.Count / ranks} or less (it is "
                + $"part of what the run computes), or start {train.Chunks} {Counted.Noun(train.Chunks, "process", "processes")}"
        );

    /// <summary>Sets theta to the values in the spec, if there are any.</summary>
    private void Begin(IReadOnlyList<double> start)
    {
        if (start.Count == 0)
            return;
        var layout = Objective.Layout;
        if (start.Count != layout.Dimension)
        {
            var shapes = layout.Names.Zip(
                Objective.Parameters,
                (name, parameter) => $"{name} [{string.Join(", ", parameter.shape)}]"
            );
            throw new SpecException([
                new(
                    "model.start",
                    $"{start.Count} numbers, but the model has {layout.Dimension} parameters: "
                        + string.Join(", ", shapes)
                ),
            ]);
        }
        using var scope = NewDisposeScope();
        layout.CopyTo(
            tensor(start.ToArray(), device: CPU).to(layout.Dtype, new Device(Spec.Device)),
            Objective.Parameters
        );
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
