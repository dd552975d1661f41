using Gyre.Lab.Models;
using static TorchSharp.torch;

namespace Gyre.Tests.TestKit.Exported;

/// <summary>In which operators a program is written.</summary>
internal enum ProgramForm
{
    /// <summary>As torch.export.export gives it: linear, conv2d, batch_norm, layer_norm, ...</summary>
    Training,

    /// <summary>After run_decompositions(): core ATen, such as addmm, convolution and native_layer_norm.</summary>
    Decomposed,
}

/// <summary>A value of the graph with its shape; the first size may be a name.</summary>
internal sealed record ShapedName(ProgramName Name, params object[] Shape);

/// <summary>Writes the layers of a network of ours as nodes, in either form.</summary>
internal sealed class LayerGraph
{
    private readonly ProgramBuilder _graph;
    private readonly ProgramForm _form;
    private readonly Dictionary<string, (ProgramName Name, long[] Shape)> _parameters = [];

    /// <summary>Begins with the parameters of a network, at their values.</summary>
    public LayerGraph(ProgramBuilder graph, Network network, ProgramForm form)
    {
        (_graph, _form) = (graph, form);
        foreach (var (name, parameter) in network.named_parameters())
            _parameters[name] = (
                graph.Parameter(name, SavedTensor.From(parameter, parameter.requires_grad)),
                parameter.shape
            );
    }

    private bool IsTraining => _form == ProgramForm.Training;

    /// <summary>A parameter.</summary>
    public ShapedName Parameter(string name) =>
        new(_parameters[name].Name, [.. _parameters[name].Shape.Select(size => (object)size)]);

    /// <summary>Whether the network has a parameter.</summary>
    public bool Has(string name) => _parameters.ContainsKey(name);

    /// <summary>One call whose result has the shape given.</summary>
    public ShapedName Call(string target, object[] shape, params (string Name, ProgramValue Value)[] arguments) =>
        new(_graph.Call(target, arguments), shape);

    /// <summary>The same values in another shape.</summary>
    public ShapedName View(ShapedName input, params object[] shape) =>
        Call("view", shape, ("self", input.Name), ("size", ProgramValue.Sizes(shape)));

    /// <summary>The same values in another shape, where they do not lie one after the other.</summary>
    public ShapedName Reshape(ShapedName input, params object[] shape)
    {
        if (IsTraining)
            return Call("reshape", shape, ("self", input.Name), ("shape", ProgramValue.Sizes(shape)));
        var copied = Call("clone", input.Shape, ("self", input.Name), ("memory_format", new("as_memory_format", 1)));
        return Call("_unsafe_view", shape, ("self", copied.Name), ("size", ProgramValue.Sizes(shape)));
    }

    /// <summary>All but the first dimension in one.</summary>
    public ShapedName Flatten(ShapedName input)
    {
        object[] shape = [input.Shape[0], Product(input.Shape[1..])];
        return IsTraining
            ? Call("flatten.using_ints", shape, ("self", input.Name), ("start_dim", 1L))
            : View(input, shape);
    }

    /// <summary>A dense layer over the last dimension.</summary>
    public ShapedName Dense(ShapedName input, string layer)
    {
        _graph.Module = layer;
        var weight = Parameter($"{layer}.weight");
        var bias = Has($"{layer}.bias") ? Parameter($"{layer}.bias").Name : null;
        object[] shape = [.. input.Shape[..^1], weight.Shape[0]];
        if (IsTraining)
            return bias is null
                ? Call("linear", shape, ("input", input.Name), ("weight", weight.Name))
                : Call("linear", shape, ("input", input.Name), ("weight", weight.Name), ("bias", bias));
        object[] turned = [weight.Shape[1], weight.Shape[0]];
        var transposed = Call("permute", turned, ("self", weight.Name), ("dims", (long[])[1, 0]));
        var rows = input.Shape.Length == 2 ? input : View(input, Rows(input), input.Shape[^1]);
        var product = bias is null
            ? Call("mm", [rows.Shape[0], shape[^1]], ("self", rows.Name), ("mat2", transposed.Name))
            : Call("addmm", [rows.Shape[0], shape[^1]], ("self", bias), ("mat1", rows.Name), ("mat2", transposed.Name));
        return input.Shape.Length == 2 ? product : View(product, shape);
    }

    /// <summary>A convolution whose kernel keeps the size, halves it, or cuts into patches.</summary>
    public ShapedName Convolution(ShapedName input, string layer, long stride = 1)
    {
        _graph.Module = layer;
        var weight = Parameter($"{layer}.weight");
        var kernel = (long)weight.Shape[2];
        var padding = kernel == stride ? 0 : kernel / 2;
        object Out(object size) => ((long)size + 2 * padding - kernel) / stride + 1;
        object[] shape = [input.Shape[0], weight.Shape[0], Out(input.Shape[2]), Out(input.Shape[3])];
        (string, ProgramValue)[] given =
        [
            ("input", input.Name),
            ("weight", weight.Name),
            ("bias", Has($"{layer}.bias") ? Parameter($"{layer}.bias").Name : ProgramValue.None),
            ("stride", (long[])[stride, stride]),
            ("padding", (long[])[padding, padding]),
        ];
        return IsTraining
            ? Call("conv2d", shape, given)
            : Call(
                "convolution",
                shape,
                [
                    .. given,
                    ("dilation", (long[])[1, 1]),
                    ("transposed", false),
                    ("output_padding", (long[])[0, 0]),
                    ("groups", 1L),
                ]
            );
    }

    /// <summary>An activation of the catalog, of those that have a form of their own in core ATen.</summary>
    public ShapedName Activation(ShapedName input, string name)
    {
        if (name == "silu" && !IsTraining)
        {
            var share = Call("sigmoid", input.Shape, ("self", input.Name));
            return Call("mul.Tensor", input.Shape, ("self", input.Name), ("other", share.Name));
        }
        return name == "leaky-relu"
            ? Call("leaky_relu", input.Shape, ("self", input.Name), ("negative_slope", 0.01))
            : Call(name, input.Shape, ("self", input.Name));
    }

    /// <summary>BatchNorm of images by the statistics of what it is given, with the running ones that nobody needs.</summary>
    public ShapedName BatchNorm(ShapedName input, string layer)
    {
        _graph.Module = layer;
        var (weight, bias) = (Parameter($"{layer}.weight"), Parameter($"{layer}.bias").Name);
        var like = Parameter($"{layer}.weight").Shape.Select(size => (long)size).ToArray();
        var (mean, variance, count) = Statistics(layer, like);
        (string, ProgramValue)[] given =
        [
            ("input", input.Name),
            ("weight", weight.Name),
            ("bias", bias),
            ("running_mean", mean),
            ("running_var", variance),
            ("training", true),
            ("momentum", 0.1),
        ];
        if (IsTraining)
        {
            _graph.Call("add_.Tensor", ("self", count), ("other", 1L));
            return Call("batch_norm", input.Shape, [.. given, ("eps", 1e-5), ("cudnn_enabled", true)]);
        }
        var counted = _graph.Call("add.Tensor", ("self", count), ("other", 1L));
        var all = _graph.CallMany("_native_batch_norm_legit_functional", 5, [.. given, ("eps", 1e-5)]);
        _graph.Mutation("buffer_mutation", $"{layer}.num_batches_tracked", counted);
        _graph.Mutation("buffer_mutation", $"{layer}.running_var", all[4]);
        _graph.Mutation("buffer_mutation", $"{layer}.running_mean", all[3]);
        return new ShapedName(all[0], input.Shape);
    }

    /// <summary>LayerNorm over the last dimension.</summary>
    public ShapedName LayerNorm(ShapedName input, string layer)
    {
        _graph.Module = layer;
        var (weight, bias) = (Parameter($"{layer}.weight"), Parameter($"{layer}.bias").Name);
        (string, ProgramValue)[] given =
        [
            ("input", input.Name),
            ("normalized_shape", (long[])[(long)weight.Shape[0]]),
            ("weight", weight.Name),
            ("bias", bias),
            ("eps", 1e-5),
        ];
        return IsTraining
            ? Call("layer_norm", input.Shape, given)
            : new ShapedName(_graph.CallMany("native_layer_norm", 3, given)[0], input.Shape);
    }

    /// <summary>GroupNorm over channels and pixels.</summary>
    public ShapedName GroupNorm(ShapedName input, string layer, long groups)
    {
        _graph.Module = layer;
        var (weight, bias) = (Parameter($"{layer}.weight").Name, Parameter($"{layer}.bias").Name);
        if (IsTraining)
            return Call(
                "group_norm",
                input.Shape,
                ("input", input.Name),
                ("num_groups", groups),
                ("weight", weight),
                ("bias", bias),
                ("eps", 1e-5)
            );
        var all = _graph.CallMany(
            "native_group_norm",
            3,
            ("input", input.Name),
            ("weight", weight),
            ("bias", bias),
            ("N", (ProgramName)input.Shape[0]),
            ("C", (long)input.Shape[1]),
            ("HxW", Product(input.Shape[2..])),
            ("group", groups),
            ("eps", 1e-5)
        );
        return new ShapedName(all[0], input.Shape);
    }

    /// <summary>The mean or the maximum of every 2×2.</summary>
    public ShapedName Halved(ShapedName input, bool maximum)
    {
        object[] shape =
        [
            input.Shape[0],
            input.Shape[1],
            (object)((long)input.Shape[2] / 2),
            (object)((long)input.Shape[3] / 2),
        ];
        (string, ProgramValue)[] given =
        [
            ("self", input.Name),
            ("kernel_size", (long[])[2, 2]),
            ("stride", (long[])[2, 2]),
        ];
        if (!maximum)
            return Call("avg_pool2d", shape, given);
        return IsTraining
            ? Call("max_pool2d", shape, given)
            : new ShapedName(_graph.CallMany("max_pool2d_with_indices", 2, given)[0], shape);
    }

    /// <summary>The sum of two.</summary>
    public ShapedName Add(ShapedName left, ShapedName right) =>
        Call("add.Tensor", left.Shape, ("self", left.Name), ("other", right.Name));

    private (ProgramName Mean, ProgramName Variance, ProgramName Count) Statistics(string layer, long[] shape)
    {
        using var scope = NewDisposeScope();
        var dtype = _graph.Tensors[0].Value.Storage.Dtype;
        return (
            _graph.Buffer($"{layer}.running_mean", SavedTensor.From(zeros(shape, dtype, CPU))),
            _graph.Buffer($"{layer}.running_var", SavedTensor.From(ones(shape, dtype, CPU))),
            _graph.Buffer($"{layer}.num_batches_tracked", SavedTensor.From(tensor(0L, ScalarType.Int64, CPU)))
        );
    }

    /// <summary>All sizes but the last in one, by an operator of Python's numbers.</summary>
    private ProgramName Rows(ShapedName input) =>
        _graph.CallSize("_operator.mul", ("a", (ProgramName)input.Shape[0]), ("b", Product(input.Shape[1..^1])));

    private static long Product(object[] sizes) => sizes.Aggregate(1L, (product, size) => product * (long)size);
}
