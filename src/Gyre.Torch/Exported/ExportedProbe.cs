using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Gyre.Torch.Exported;

/// <summary>
/// Tries a program on made-up samples of the shape that it was exported for: its value, its gradient, and one product
/// with the Hessian of half the sum of its squared outputs. A program that fails here would otherwise fail in the
/// middle of a run.
/// </summary>
internal static class ExportedProbe
{
    /// <summary>
    /// The number of samples if the batch size is free: the smallest that no exporter treats as a special case.
    /// </summary>
    private const long FewSamples = 3;

    /// <summary>
    /// Runs the trial. Does nothing if the shape or the dtype of the samples is unknown, or if they are Booleans.
    /// </summary>
    /// <param name="module">The module, in float32 on the CPU.</param>
    /// <exception cref="ExportedProgramException">The program fails, or an operator has no second derivative. The
    /// message names the operator and its module.</exception>
    public static void Run(ExportedModule module)
    {
        using var scope = NewDisposeScope();
        try
        {
            if (FindSamples(module.Program) is { } samples)
                Differentiate(module, samples);
        }
        catch (Exception error)
            when (error is ExternalException or GradientException && MemoryFault.TryFind(error) is null)
        {
            throw new ExportedProgramException(Sentence(module.Program, error), error);
        }
        catch (Exception error) when (MemoryFault.TryFind(error) is not null)
        {
            // The exported batch size is fixed and too large for this trial. The run has more memory, and reports
            // what it needs.
        }
    }

    /// <summary>Returns a message that describes a failure and where in the program it occurred.</summary>
    /// <param name="program">The program that was called.</param>
    /// <param name="error">The error from libtorch.</param>
    public static string Sentence(ExportedProgram program, Exception error)
    {
        var words = LibTorchErrors.Line(error).TrimEnd('.');
        if (program.FindUnderivable(error.Message) is { } node)
            return $"{program.Path}: {node} is not twice differentiable: {words}. Curvature needs every operator "
                + "from the parameters to the outputs to be.";
        var place = program.FindNode(error.Message) is { } at ? $" at {at}" : "";
        return $"{program.Path} fails on samples of its exported shape{place}: {words}.";
    }

    private static void Differentiate(ExportedModule module, Tensor samples)
    {
        using var tracked = enable_grad();
        Tensor[] parameters =
        [
            .. module
                .Tensors.Where(one => one.Kind == InputKind.Parameter && one.Value.requires_grad)
                .Select(one => one.Value)
                .DistinctBy(one => one.Handle),
        ];
        var loss = module.Call(samples).square().sum().mul(0.5);
        if (parameters.Length == 0 || !loss.requires_grad)
            return;
        var gradients = Gradients.GradientWithGraph(loss, parameters);
        Gradients.Product(gradients, parameters, [.. parameters.Select(one => ones_like(one))]);
    }

    private static Tensor? FindSamples(ExportedProgram program)
    {
        if (program.SampleShape is not { } shape || program.InputDtype is not { } dtype)
            return null;
        var (least, most) = program.BatchRange;
        var batch = program.Batch ?? Math.Min(Math.Max(FewSamples, least ?? 0), most ?? long.MaxValue);
        long[] sizes = [batch, .. shape];
        return dtype switch
        {
            ScalarType.Int64 or ScalarType.Int32 => zeros(sizes, dtype, CPU),
            ScalarType.Bool => null,
            // the same at every call, and away from kinks
            _ => linspace(-1, 1, sizes.Aggregate(1L, (product, size) => product * size), ScalarType.Float32, CPU)
                .reshape(sizes),
        };
    }
}
