using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported.Operators;

/// <summary>
/// The tensors that operators are tried on, each by a letter: real ones in float64, drawn from a seed. What lies away from
/// kinks and from the ends of a domain does so by much more than a finite difference steps.
/// </summary>
internal sealed class Operands : IDisposable
{
    private static readonly long[] Table = [3, 4];

    private readonly Dictionary<string, Tensor> _tensors = [];
    private readonly Generator _generator = new(11);

    /// <summary>Draws them; they are released with this.</summary>
    public Operands()
    {
        using var scope = NewDisposeScope();
        foreach (var name in (string[])["x", "y", "z"])
            Add(name, Normal(Table));
        Add("p", Uniform(0.5, 2.5, Table));
        Add("q", Uniform(0.5, 2.5, Table));
        Add("u", Uniform(-0.8, 0.8, Table));
        Add("f", Uniform(0.1, 0.9, Table));
        Add("f2", Uniform(0.1, 0.9, Table));
        Add("g", Uniform(1.2, 3, Table));
        Add("signs", Normal(Table).sign());
        AddShapes();
        AddImages();
        AddNumbers();
    }

    /// <summary>Operands that are not parameters: what a derivative by them is asked for by nobody.</summary>
    public static IReadOnlySet<string> Fixed { get; } =
        new HashSet<string>(["signs", "zeros", "ones", "edges", "steps"]);

    public Tensor this[string name] => _tensors[name];

    public Tensor X => this["x"];
    public Tensor Y => this["y"];
    public Tensor Z => this["z"];
    public Tensor P => this["p"];
    public Tensor Q => this["q"];
    public Tensor U => this["u"];
    public Tensor F => this["f"];
    public Tensor G => this["g"];
    public Tensor Signs => this["signs"];
    public Tensor M => this["m"];
    public Tensor V => this["v"];
    public Tensor B => this["b"];
    public Tensor W => this["w"];
    public Tensor S => this["s"];
    public Tensor T => this["t"];
    public Tensor D => this["d"];
    public Tensor I => this["i"];
    public Tensor K => this["k"];
    public Tensor L => this["l"];
    public Tensor H => this["h"];
    public Tensor R => this["r"];
    public Tensor O => this["o"];
    public Tensor Zeros => this["zeros"];
    public Tensor Ones => this["ones"];
    public Tensor N => this["n"];
    public Tensor J => this["j"];
    public Tensor C => this["c"];
    public Tensor Mask => this["mask"];
    public Tensor Other => this["other"];

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        _generator.Dispose();
    }

    private void AddShapes()
    {
        Add("m", Normal(4, 5));
        Add("v", Normal(4));
        Add("b", Normal(5));
        Add("w", Normal(5, 4));
        Add("y2", Normal(2, 4));
        Add("length", Normal(5, 1));
        Add("w2", Normal(5, 4, 4));
        Add("row", Normal(3));
        Add("scalar", Normal());
        var root = Normal(3, 3);
        Add("s", root.mm(root.t()).add(eye(3, dtype: ScalarType.Float64, device: CPU)));
        Add("s2", Normal(3, 2));
        Add("t", Normal(2, 3, 4));
        Add("d", Normal(2, 4, 3));
        Add("e", Normal(2, 3, 3));
        Add("heads", Normal(2, 2, 3, 4));
        Add("heads2", Normal(2, 2, 3, 4));
        Add("heads3", Normal(2, 2, 3, 4));
        Add("bias", Normal(3, 3));
        Add("gates", Normal(16, 4));
        Add("gates2", Normal(16, 4));
        Add("three", Normal(12, 4));
        Add("three2", Normal(12, 4));
        Add("four", Normal(4, 4));
        Add("four2", Normal(4, 4));
        Add("state", Normal(1, 3, 4));
        Add("state2", Normal(1, 3, 4));
        Add("cell", Normal(3, 4));
    }

    private void AddImages()
    {
        Add("i", Normal(2, 4, 6, 6));
        Add("k", Normal(4, 4, 3, 3));
        Add("k2", Normal(4, 2, 3, 3));
        Add("l", Normal(2, 4, 8));
        Add("h", Normal(3, 4, 3));
        Add("h2", Normal(4, 3, 3));
        Add("o", Normal(1, 2, 4, 4, 4));
        Add("ok", Normal(2, 2, 2, 2, 2));
        Add("r", Uniform(0.5, 2, 4));
        Add("zeros", zeros(4, ScalarType.Float64, CPU));
        Add("ones", ones(4, ScalarType.Float64, CPU));
        Add("affine", Normal(2, 2, 3));
    }

    private void AddNumbers()
    {
        Add("n", tensor((long[])[0, 3, 1, 2, 2, 0, 3, 1, 1, 1, 0, 3], ScalarType.Int64, CPU).reshape(3, 4));
        Add("c", tensor((long[])[2, 0, 3], ScalarType.Int64, CPU));
        Add("j", tensor((long[])[2, 0], ScalarType.Int64, CPU));
        Add("j2", tensor((long[])[1, 3], ScalarType.Int64, CPU));
        Add("rows", tensor((long[])[2, 0, 1, 2, 0, 1, 1, 2], ScalarType.Int64, CPU).reshape(2, 4));
        Add("apart", tensor((long[])[2, 0, 1, 2, 0, 1, 2, 0], ScalarType.Int64, CPU).reshape(2, 4));
        Add("perm", tensor((long[])[2, 0, 1], ScalarType.Int64, CPU));
        Add("edges", tensor((double[])[-0.7, 0.1, 0.9], ScalarType.Float64, CPU));
        Add("steps", tensor((double[])[0, 0.5, 2, 2.25], ScalarType.Float64, CPU));
        Add("mask", this["x"].gt(0));
        Add("other", this["y"].gt(0));
        Add("whole", this["n"].mul(3).sub(2));
    }

    private void Add(string name, Tensor value) => _tensors[name] = value.DetachFromDisposeScope();

    private Tensor Normal(params long[] shape) => randn(shape, ScalarType.Float64, CPU, generator: _generator);

    private Tensor Uniform(double least, double most, params long[] shape) =>
        rand(shape, ScalarType.Float64, CPU, generator: _generator).mul(most - least).add(least);
}
