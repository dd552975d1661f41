using Gyre.Lab.Models;
using Gyre.Tests.Lab.Models;
using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using Gyre.Torch;
using Gyre.Torch.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported;

/// <summary>
/// Every network of ours, written as torch.export would write it, in both layouts and both forms: values, gradients and
/// products with the Hessian are the module's own.
/// </summary>
public sealed class NetworkProgramTests : IDisposable
{
    private const int Samples = 6;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Every network with every norm it has, in every layout and form.</summary>
    public static TheoryData<string, string, string, string> Networks()
    {
        var cases = new TheoryData<string, string, string, string>();
        foreach (var kind in ModelCatalog.Kinds.Where(kind => !kind.IsFile))
        foreach (var norm in kind.Norms)
        foreach (var layout in Enum.GetNames<ProgramLayout>())
        foreach (var form in Enum.GetNames<ProgramForm>())
            cases.Add(kind.Name, norm, layout, form);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Values_gradients_and_products_are_the_modules_own(string name, string norm, string layout, string form)
    {
        using var scope = NewDisposeScope();
        var request = Request(name, norm, ScalarType.Float64, "silu");
        using var network = ModelCatalog.Build(name, request);
        var program = NetworkProgram.Build(name, request, network, Enum.Parse<ProgramForm>(form));
        using var module = Load(program, layout, ScalarType.Float64);
        AssertSame(network, module, Inputs(request));
    }

    /// <summary>The fast kernels, which have no second derivative, are off.</summary>
    [Theory]
    [InlineData("vit")]
    [InlineData("sequence-transformer")]
    public void Attention_in_one_operator_has_the_derivatives_of_attention_written_out(string name)
    {
        using var scope = NewDisposeScope();
        var request = Request(name, "layer", ScalarType.Float64, "gelu");
        using var network = ModelCatalog.Build(name, request);
        var program = NetworkProgram.Build(name, request, network, ProgramForm.Training, fuses: true);
        using var module = Load(program, nameof(ProgramLayout.Folders), ScalarType.Float64);
        AssertSame(network, module, Inputs(request));
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Bytes_in_float32_are_the_modules_own(string name, string norm, string layout, string form)
    {
        using var scope = NewDisposeScope();
        // core ATen has no silu: it multiplies by the sigmoid, which rounds otherwise
        var request = Request(name, norm, ScalarType.Float32, form == "Training" ? "silu" : "tanh");
        using var network = ModelCatalog.Build(name, request);
        var program = NetworkProgram.Build(name, request, network, Enum.Parse<ProgramForm>(form));
        using var module = Load(program, layout, ScalarType.Float32);
        var inputs = Inputs(request);
        var (mine, theirs) = (Parameters(network), Parameters(module));
        var (value, gradient, _) = Derivatives(network.call(inputs), mine);
        var (otherValue, otherGradient, _) = Derivatives(module.Call(inputs), theirs);
        Assert.Equal(value.bytes.ToArray(), otherValue.bytes.ToArray());
        Assert.Equal(gradient.bytes.ToArray(), otherGradient.bytes.ToArray());
    }

    private static ModelRequest Request(string name, string norm, ScalarType dtype, string activation)
    {
        var request = NetworkProblem.Request(name, dtype) with { Norm = norm, Activation = activation };
        return name == "diagonal-linear" ? request with { InputShape = [NetworkProblem.Classes], Depth = 3 } : request;
    }

    private static void AssertSame(Network network, ExportedModule module, Tensor inputs)
    {
        var (mine, theirs) = (Parameters(network), Parameters(module));
        Assert.Equal(mine.Select(one => one.Name), theirs.Select(one => one.Name));
        var (value, gradient, product) = Derivatives(network.call(inputs), mine);
        var (otherValue, otherGradient, otherProduct) = Derivatives(module.Call(inputs), theirs);
        AssertClose(value, otherValue);
        AssertClose(gradient, otherGradient);
        AssertClose(product, otherProduct);
    }

    private ExportedModule Load(ProgramBuilder program, string layout, ScalarType dtype) =>
        ExportedProgram
            .Open(ProgramArchive.Save(_folder["model.pt2"], program, Enum.Parse<ProgramLayout>(layout)))
            .Load(dtype, CPU);

    private static Tensor Inputs(ModelRequest request)
    {
        using var generator = new Generator(3);
        long[] shape = [Samples, .. request.InputShape];
        return request.Tokens
            ? randint(request.Outputs, shape, dtype: ScalarType.Int64, generator: generator)
            : randn(shape, dtype: ScalarType.Float64, generator: generator).to(request.Dtype);
    }

    private static (string Name, Tensor Value)[] Parameters(Network network) =>
        [.. network.named_parameters().Select(one => (one.name, (Tensor)one.parameter))];

    private static (string Name, Tensor Value)[] Parameters(ExportedModule module) =>
        [.. module.Tensors.Where(one => one.Kind == InputKind.Parameter).Select(one => (one.Name, one.Value))];

    /// <summary>The output, and gradient and Hessian product of a curved function of it, each flat.</summary>
    private static (Tensor Value, Tensor Gradient, Tensor Product) Derivatives(
        Tensor output,
        (string Name, Tensor Value)[] parameters
    )
    {
        using var generator = new Generator(4);
        Tensor[] tensors = [.. parameters.Select(one => one.Value)];
        var loss = output.mul(Like(output)).sum().add(output.pow(2).sum());
        var gradient = Gradients.GradientWithGraph(loss, tensors);
        var product = Gradients.Product(gradient, tensors, [.. tensors.Select(Like)]);
        return (output.detach().flatten(), Flat(gradient), Flat(product));
        Tensor Like(Tensor one) => randn(one.shape, ScalarType.Float64, generator: generator).to(one.dtype);
    }

    private static Tensor Flat(Tensor[] tensors) => cat([.. tensors.Select(one => one.detach().flatten())]);

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.InRange(Host.Number(expected.sub(actual).norm()), 0, 1e-12 * Host.Number(expected.norm()));
}
