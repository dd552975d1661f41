using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using Gyre.Torch;
using Gyre.Torch.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported.Operators;

/// <summary>A graph of one operator, loaded: its value, and derivatives of a curved function of it.</summary>
internal sealed class OperatorProbe : IDisposable
{
    private static readonly double[] Steps = [1e-2, 3e-3, 1e-3, 3e-4, 1e-4, 3e-5, 1e-5];

    private readonly Operands _operands = new();
    private readonly ExportedModule _module;
    private readonly Tensor[] _trained;
    private readonly Tensor _input;

    public OperatorProbe(OperatorCase one, TemporaryFolder folder)
    {
        _module = ExportedProgram
            .Open(ProgramArchive.Save(folder["one.pt2"], one.Build(_operands)))
            .Load(ScalarType.Float64, CPU);
        var first = one.Tensors.Count > 0 ? one.Tensors[0] : null;
        _input = (
            first is null ? zeros(1, ScalarType.Float64, CPU) : _operands[first].clone()
        ).DetachFromDisposeScope();
        if (first is not null && OperatorCase.IsTrained(first, _input))
            _input.requires_grad = true;
        _trained =
        [
            .. _input.requires_grad ? (Tensor[])[_input] : [],
            .. _module.Tensors.Where(tensor => tensor.Kind == InputKind.Parameter).Select(tensor => tensor.Value),
        ];
        Expected = one.Truth(_operands).to(ScalarType.Float64).DetachFromDisposeScope();
    }

    /// <summary>The value by another way, in float64.</summary>
    public Tensor Expected { get; }

    /// <summary>Whether anything is differentiated by.</summary>
    public bool HasTrained => _trained.Length > 0;

    /// <summary>What the graph gives.</summary>
    public Tensor Value() => _module.Call(_input);

    /// <summary>
    /// The least distance, over steps, of the gradient and of the Hessian product along a direction from the central
    /// differences, relative to their size or to 1.
    /// </summary>
    public (double Gradient, double Product) Errors()
    {
        using var scope = NewDisposeScope();
        Tensor[] start = [.. _trained.Select(one => one.detach().clone())];
        Tensor[] along = [.. start.Select((one, i) => Direction(one, 20 + i))];
        var gradient = Gradients.GradientWithGraph(Loss(), _trained);
        var product = Flat(Gradients.Product(gradient, _trained, along));
        var slope = Dot(Flat(gradient), Flat(along));
        var (least, leastProduct) = (double.PositiveInfinity, double.PositiveInfinity);
        foreach (var step in Steps)
        {
            var (above, below) = (At(start, along, step), At(start, along, -step));
            var difference = above.Gradient.sub(below.Gradient).div(2 * step);
            leastProduct = Math.Min(leastProduct, Relative(Norm(difference.sub(product)), Norm(product)));
            least = Math.Min(least, Relative(Math.Abs((above.Loss - below.Loss) / (2 * step) - slope), slope));
        }
        return (least, leastProduct);
    }

    public void Dispose()
    {
        _module.Dispose();
        _operands.Dispose();
        _input.Dispose();
        Expected.Dispose();
    }

    private (double Loss, Tensor Gradient) At(Tensor[] start, Tensor[] along, double step)
    {
        using (no_grad())
        {
            for (var i = 0; i < start.Length; i++)
                _trained[i].copy_(start[i].add(along[i].mul(step)));
        }
        var loss = Loss();
        return (Host.Number(loss), Flat(Gradients.Gradient(loss, _trained)));
    }

    /// <summary>A sum with weights and the squares: curved where the operator is linear.</summary>
    private Tensor Loss()
    {
        var value = Value().to(ScalarType.Float64);
        return value.mul(Normal(value.shape, 10)).sum().add(value.square().sum().div(2));
    }

    /// <summary>Symmetric where the tensor is: some operators read half of such a matrix.</summary>
    private static Tensor Direction(Tensor value, int seed)
    {
        var along = Normal(value.shape, seed);
        return value.shape is [var rows, var columns] && rows == columns && value.Equals(value.t())
            ? along.add(along.t()).div(2)
            : along;
    }

    private static double Relative(double error, double size) => error / Math.Max(Math.Abs(size), 1);

    private static double Norm(Tensor flat) => Host.Number(flat.norm());

    private static double Dot(Tensor left, Tensor right) => Host.Number(left.mul(right).sum());

    private static Tensor Flat(Tensor[] tensors) => cat([.. tensors.Select(one => one.detach().flatten())]);

    private static Tensor Normal(long[] shape, int seed)
    {
        using var generator = new Generator((ulong)seed);
        return randn(shape, ScalarType.Float64, CPU, generator: generator);
    }
}
