using static TorchSharp.torch;

namespace Gyre.Lab.Data;

/// <summary>
/// The samples that a run trains and tests on. Features are standardized with the statistics of the training subset
/// alone. There is no augmentation, since full-batch training needs a fixed function. Owns its samples.
/// </summary>
internal sealed class TrainingData : IDisposable
{
    private TrainingData(ISamples train, ISamples? test, long outputs) =>
        (Train, Test, Outputs) = (train, test, outputs);

    /// <summary>The training subset.</summary>
    public ISamples Train { get; }

    /// <summary>The held-out samples; null if there are none.</summary>
    public ISamples? Test { get; }

    /// <summary>The number of outputs per sample or token: classes or target values.</summary>
    public long Outputs { get; }

    /// <summary>The number of training samples to choose from; null if the program generates them.</summary>
    public long? Available { get; private init; }

    /// <summary>Whether a sample is a row of tokens, int64.</summary>
    public bool Tokens { get; private init; }

    /// <summary>Whether targets are values and not classes.</summary>
    public bool Numbers { get; private init; }

    /// <summary>
    /// Mean and standard deviation of each channel of the training subset's pixels, 0 to 1; empty for other data.
    /// </summary>
    public IReadOnlyList<(double Mean, double Deviation)> Moments { get; private init; } = [];

    /// <summary>Remarks on the files for readers of results.</summary>
    public IReadOnlyList<string> Remarks { get; private init; } = [];

    /// <summary>Draws the subset from the data and lays it out.</summary>
    /// <exception cref="DataException">The data cannot be used; the message has the reason and the fix.</exception>
    public static TrainingData Create(DataContent content, DataRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return content switch
        {
            DataSet images => FromImages(images, request),
            NumberSet numbers => FromNumbers(numbers, request),
            TextSet text => FromText(text, request),
            MadeTensors made => new TrainingData(
                new OwnedTensors(made.Inputs, made.Targets, request.Layout.Chunk),
                null,
                made.Targets.shape[1]
            )
            {
                Numbers = true,
                Remarks = made.Remarks,
            },
            _ => throw new ArgumentException($"{content?.GetType().Name} is not a kind of data.", nameof(content)),
        };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Train.Dispose();
        Test?.Dispose();
    }

    private static TrainingData FromImages(DataSet data, DataRequest request)
    {
        var (chosen, train) = Drawn(data.Train.Labels, data.Classes, request);
        var moments = data.Train.PixelMoments(chosen);
        if (moments.Any(channel => channel.Deviation == 0))
            throw new DataException(
                moments.Length == 1
                    ? "Every pixel of the training subset is the same: there is nothing to learn."
                    : $"Channel {Array.FindIndex(moments, channel => channel.Deviation == 0)} of the training "
                        + "subset is constant; save gray images with one channel."
            );
        var test = data.Test is { } held
            ? new ImageSamples(held, [.. Enumerable.Range(0, held.Count)], moments, request.Layout)
            : null;
        return new TrainingData(
            new ImageSamples(data.Train with { Labels = train }, chosen, moments, request.Layout),
            test,
            data.Classes
        )
        {
            Available = data.Train.Count,
            Moments = moments,
            Remarks = data.Remarks,
        };
    }

    private const string Standardized =
        "each feature was standardized with the mean and the deviation of the training subset; data.standardise = false "
        + "uses the values as stored";

    private static TrainingData FromNumbers(NumberSet data, DataRequest request)
    {
        var (chosen, labels) = data.Train.Labels is { } classes
            ? Drawn(classes, data.Classes, request)
            : (Data.Subset.First(data.Train.Count, request.Samples), null);
        if (labels is null && request.LabelNoise > 0)
            throw new DataException("data.label_noise needs classes, but the targets are numbers. Set it to 0.");
        var scale = request.Standardise
            ? NumberScale.Fit(data.Train, chosen)
            : NumberScale.None(data.Train.Features.Size);
        NumberSamples.Check(data.Train, "Sample", chosen, scale, request.Layout.Dtype);
        if (data.Test is { Count: > 0 } test)
            NumberSamples.Check(test, "Test sample", [.. Enumerable.Range(0, test.Count)], scale, request.Layout.Dtype);
        ISamples? held = data.Test is { Count: > 0 } some
            ? new NumberSamples(some, [.. Enumerable.Range(0, some.Count)], scale, request.Layout)
            : null;
        return new TrainingData(
            new NumberSamples(data.Train with { Labels = labels }, chosen, scale, request.Layout),
            held,
            labels is null ? data.Train.Width : data.Classes
        )
        {
            Available = data.Train.Count,
            Numbers = labels is null,
            Remarks = request.Standardise ? [.. data.Remarks, Standardized] : data.Remarks,
        };
    }

    private static TrainingData FromText(TextSet text, DataRequest request)
    {
        if (request.LabelNoise > 0)
            throw new DataException(
                "data.label_noise needs one class per sample, which a text does not have. Set it to 0."
            );
        var chosen = Data.Subset.First(
            text.Train.Length / (request.Context + 1),
            request.Samples,
            "sequences of data.context + 1 characters"
        );
        var held = text.Test.Length / (request.Context + 1);
        return new TrainingData(
            new TextSamples(text.Train, request.Context, chosen, request.Layout),
            held == 0
                ? null
                : new TextSamples(text.Test, request.Context, [.. Enumerable.Range(0, held)], request.Layout),
            text.Vocabulary.Count
        )
        {
            Available = text.Train.Length / (request.Context + 1),
            Tokens = true,
            Remarks = text.Remarks,
        };
    }

    private static (int[] Chosen, int[] Labels) Drawn(int[] labels, int classes, DataRequest request)
    {
        var chosen = Data.Subset.Choose(labels, request.Samples, request.Subset, classes, request.Seed);
        return (
            chosen,
            request.LabelNoise > 0
                ? Data.LabelNoise.Apply(labels, chosen, classes, request.LabelNoise, request.Seed)
                : labels
        );
    }

    /// <summary>Samples with the tensors that they are views of.</summary>
    private sealed class OwnedTensors(Tensor inputs, Tensor targets, int chunk) : ISamples
    {
        private readonly TensorSamples _views = new(inputs, targets, chunk);

        public long Count => _views.Count;

        public IReadOnlyList<long> SampleShape => _views.SampleShape;

        public Device Device => _views.Device;

        public int Chunks => _views.Chunks;

        public (Tensor Inputs, Tensor Targets) Chunk(int index) => _views.Chunk(index);

        public (Tensor Inputs, Tensor Targets) Pick(ReadOnlyMemory<int> samples) => _views.Pick(samples);

        public void Dispose()
        {
            _views.Dispose();
            inputs.Dispose();
            targets.Dispose();
        }
    }
}
