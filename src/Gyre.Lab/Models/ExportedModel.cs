using Gyre.Torch.Exported;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>
/// A program of <c>torch.export.save</c>. Parameters and buffers have their PyTorch names (a tensor with several
/// names is one parameter) and start from the values in the file. The mode, training or evaluation, is fixed in the
/// graph. A call has no side effects: changes of buffers, such as a BatchNorm's running statistics, are discarded.
/// </summary>
internal sealed class ExportedModel : FileModel
{
    /// <summary>Shows how to export a program for any number of samples.</summary>
    public const string HowToExportBatches =
        "torch.export.export(model, (x,), dynamic_shapes=({0: torch.export.Dim(\"batch\")},))";

    private readonly ExportedModule _module;

    /// <summary>Loads the file, in the request's dtype and on its device.</summary>
    /// <exception cref="ModelException">The file is not an exported program, cannot be used, has nothing to train,
    /// does not accept such samples, or is not the file that the spec was made for.</exception>
    public ExportedModel(ModelRequest request)
        : this(request, Opened(request)) { }

    private ExportedModel(ModelRequest request, ExportedProgram program)
        : base(nameof(ExportedModel), request, ShapeOf(request, program))
    {
        RequireSamples(request, program);
        _module = Loaded(request, program);
        foreach (var tensor in _module.Tensors.Where(one => one.Kind == InputKind.Parameter))
            register_parameter(tensor.Name, (Parameter)tensor.Value);
        foreach (var tensor in _module.Tensors.Where(one => one.Kind == InputKind.Buffer))
            register_buffer(tensor.Name, tensor.Value, tensor.IsSaved);
        RequireParameters("Export it with requires_grad on.");
        FixedBatch = program.Batch;
        Remarks = [.. program.FindRemarks(request.Dtype), .. ShapeRemark(request)];
    }

    /// <inheritdoc/>
    public override long? FixedBatch { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Remarks { get; }

    /// <inheritdoc/>
    protected override object? Compute(Tensor samples) => _module.Call(samples);

    /// <inheritdoc/>
    protected override string Place(Exception error) =>
        _module.Program.FindNode(error.Message) is { } node ? $" at {node}" : "";

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _module.Dispose();
        base.Dispose(disposing);
    }

    private static ExportedProgram Opened(ModelRequest request)
    {
        RequireChecksum(request);
        return Named(() => ExportedProgram.Open(request.File, request.Output));
    }

    private static ExportedModule Loaded(ModelRequest request, ExportedProgram program) =>
        Named(() => program.Load(request.Dtype, request.Device));

    private static T Named<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (ExportedProgramException error)
        {
            throw new ModelException(error.Message, error);
        }
    }

    /// <summary>
    /// Returns the shape from the spec, or else the program's own shape if it is known and differs from the data's.
    /// </summary>
    private static IReadOnlyList<long>? ShapeOf(ModelRequest request, ExportedProgram program)
    {
        if (request.SampleShape.Count > 0)
            return [.. request.SampleShape.Select(size => (long)size)];
        return program.SampleShape is { } own && !own.SequenceEqual(request.InputShape) ? own : null;
    }

    private IEnumerable<string> ShapeRemark(ModelRequest request) =>
        Shape is null || request.SampleShape.Count > 0
            ? []
            :
            [
                $"Samples of [{string.Join(", ", request.InputShape)}] are given as [{string.Join(", ", Shape)}], the "
                    + "shape that the program was exported for.",
            ];

    private static void RequireSamples(ModelRequest request, ExportedProgram program)
    {
        if (program.InputDtype is not { } dtype)
            return;
        var whole = dtype is ScalarType.Int64 or ScalarType.Int32;
        if (whole != request.Tokens)
            throw new ModelException(
                $"{request.File} needs samples of {dtype}, but this data has "
                    + $"{(request.Tokens ? "tokens (whole numbers)" : "real numbers")}."
            );
    }
}
