using Gyre.Lab.Models;
using static TorchSharp.torch;

namespace Gyre.Tests.TestKit.Exported;

/// <summary>
/// Writes a network of ours as the program that torch.export would make of the same module, with a dynamic batch and the
/// network's own parameters.
/// </summary>
internal sealed class NetworkProgram
{
    private readonly ProgramBuilder _graph = new();
    private readonly LayerGraph _layers;
    private readonly ModelSpec _spec;

    private NetworkProgram(ModelSpec spec, Network network, ProgramForm form, bool fuses)
    {
        (_spec, Form, Fuses) = (spec, form, fuses);
        _layers = new LayerGraph(_graph, network, form);
    }

    private ProgramForm Form { get; }

    /// <summary>Whether attention is one operator.</summary>
    private bool Fuses { get; }

    /// <summary>Makes the program.</summary>
    /// <param name="name">The network's, of the catalog.</param>
    /// <param name="request">What it was built of.</param>
    /// <param name="network">Its parameters.</param>
    /// <param name="form">The operators.</param>
    /// <param name="fuses">Whether attention is scaled_dot_product_attention; otherwise it is written out.</param>
    public static ProgramBuilder Build(
        string name,
        ModelRequest request,
        Network network,
        ProgramForm form,
        bool fuses = false
    )
    {
        var program = new NetworkProgram(ModelCatalog.Get(name).Whole(request), network, form, fuses);
        var input = program.Input(request);
        var output = name switch
        {
            "mlp" => program.Mlp(input),
            "deep-linear" => program.DeepLinear(input),
            "diagonal-linear" => program.DiagonalLinear(input),
            "cnn" => program.Cnn(input),
            "vgg" => program.Vgg(input),
            "resnet" => program.ResNet(input),
            "vit" => program.VisionTransformer(input),
            "sequence-transformer" => program.SequenceTransformer(input, request.Dtype),
            _ => throw new ArgumentException($"{name} is not written.", nameof(name)),
        };
        program._graph.Output(output.Name);
        program._graph.Describe(
            output.Name,
            request.Dtype,
            [
                ProgramTensor.Symbol(ProgramBuilder.Batch, 4),
                .. output.Shape[1..].Select(size => ProgramTensor.Number((long)size)),
            ]
        );
        return program._graph;
    }

    private ShapedName Input(ModelRequest request)
    {
        var dtype = request.Tokens ? ScalarType.Int64 : request.Dtype;
        var name = _graph.Input("x", dtype, [null, .. request.InputShape.Select(size => (long?)size)]);
        var batch = _graph.Size(name, 0);
        return new ShapedName(name, [batch, .. request.InputShape.Select(size => (object)size)]);
    }

    private ShapedName Activation(ShapedName input) => _layers.Activation(input, _spec.Activation);

    private ShapedName Mlp(ShapedName input)
    {
        var hidden = _layers.Flatten(input);
        for (var layer = 0; _layers.Has($"layer{layer}.weight"); layer++)
        {
            hidden = _layers.Dense(layer == 0 ? hidden : Activation(hidden), $"layer{layer}");
        }
        return hidden;
    }

    private ShapedName DeepLinear(ShapedName input)
    {
        var hidden = _layers.Flatten(input);
        for (var layer = 0; _layers.Has($"layer{layer}.weight"); layer++)
            hidden = _layers.Dense(hidden, $"layer{layer}");
        return hidden;
    }

    private ShapedName DiagonalLinear(ShapedName input)
    {
        var hidden = _layers.Flatten(input);
        var theta = _layers.Parameter("theta");
        for (var d = 0L; d < (long)theta.Shape[0]; d++)
        {
            var factor = _graph.Call("select.int", ("self", theta.Name), ("dim", 0L), ("index", d));
            hidden = _layers.Call("mul.Tensor", hidden.Shape, ("self", hidden.Name), ("other", factor));
        }
        return hidden;
    }

    private ShapedName Images(ShapedName input) =>
        input.Shape.Length == 4
            ? input
            : _layers.Call("unsqueeze", [input.Shape[0], 1L, .. input.Shape[1..]], ("self", input.Name), ("dim", 1L));

    private ShapedName ImageNorm(ShapedName input, string layer)
    {
        var channels = (long)input.Shape[1];
        return _spec.Norm switch
        {
            "batch" => _layers.BatchNorm(input, layer),
            "layer" => _layers.GroupNorm(input, layer, 1),
            "group" => _layers.GroupNorm(
                input,
                layer,
                (long)System.Numerics.BigInteger.GreatestCommonDivisor(8, channels)
            ),
            _ => input,
        };
    }

    private ShapedName Cnn(ShapedName input)
    {
        var hidden = Images(input);
        for (var layer = 0; _layers.Has($"conv{layer}.weight"); layer++)
        {
            hidden = ImageNorm(_layers.Convolution(hidden, $"conv{layer}"), $"norm{layer}");
            hidden = _layers.Halved(Activation(hidden), maximum: false);
        }
        return _layers.Dense(_layers.Flatten(hidden), "head");
    }

    private ShapedName Vgg(ShapedName input)
    {
        bool[] halved = [true, true, false, true, false, true, false, true];
        var hidden = Images(input);
        for (var layer = 0; layer < halved.Length; layer++)
        {
            hidden = Activation(ImageNorm(_layers.Convolution(hidden, $"conv{layer}"), $"norm{layer}"));
            hidden = halved[layer] ? _layers.Halved(hidden, maximum: true) : hidden;
        }
        hidden = _layers.Flatten(hidden);
        for (var layer = 0; _layers.Has($"dense{layer}.weight"); layer++)
            hidden = _layers.Dense(layer == 0 ? hidden : Activation(hidden), $"dense{layer}");
        return hidden;
    }

    private ShapedName ResNet(ShapedName input)
    {
        var hidden = Activation(ImageNorm(_layers.Convolution(Images(input), "conv0"), "norm0"));
        for (var block = 0; _layers.Has($"block{block}.conv0.weight"); block++)
        {
            var weight = _layers.Parameter($"block{block}.conv0.weight");
            var stride = (long)weight.Shape[0] == 2 * (long)weight.Shape[1] ? 2 : 1;
            var first = _layers.Convolution(hidden, $"block{block}.conv0", stride);
            first = Activation(ImageNorm(first, $"block{block}.norm0"));
            var second = ImageNorm(_layers.Convolution(first, $"block{block}.conv1"), $"block{block}.norm1");
            hidden = Activation(_layers.Add(second, Shortcut(hidden, second, stride)));
        }
        _graph.Module = "";
        object[] pooled = [hidden.Shape[0], hidden.Shape[1]];
        hidden = _layers.Call("mean.dim", pooled, ("self", hidden.Name), ("dim", (long[])[2, 3]));
        return _layers.Dense(hidden, "head");
    }

    /// <summary>Every second pixel, and channels of zeros on both sides.</summary>
    private ShapedName Shortcut(ShapedName input, ShapedName output, long stride)
    {
        if (stride == 1)
            return input;
        _graph.Module = "";
        var half = input.Name;
        foreach (var dimension in (long[])[2, 3])
            half = _graph.Call(
                "slice.Tensor",
                ("self", half),
                ("dim", dimension),
                ("start", 0L),
                ("end", long.MaxValue),
                ("step", 2L)
            );
        var missing = (long)output.Shape[1] - (long)input.Shape[1];
        long[] sides = [0, 0, 0, 0, missing / 2, missing - missing / 2];
        return Form == ProgramForm.Training
            ? _layers.Call("pad", output.Shape, ("self", half), ("pad", sides))
            : _layers.Call("constant_pad_nd", output.Shape, ("self", half), ("pad", sides), ("value", 0.0));
    }

    private ShapedName VisionTransformer(ShapedName input)
    {
        var patches = _layers.Convolution(Images(input), "patches", _spec.Patch);
        _graph.Module = "";
        var (batch, width) = (input.Shape[0], patches.Shape[1]);
        var count = (object)((long)patches.Shape[2] * (long)patches.Shape[3]);
        var flat =
            Form == ProgramForm.Training
                ? _layers.Call("flatten.using_ints", [batch, width, count], ("self", patches.Name), ("start_dim", 2L))
                : _layers.View(patches, batch, width, count);
        var tokens = Transposed(flat);
        if (_layers.Has("class"))
            tokens = WithClass(tokens);
        tokens = _layers.Add(tokens, _layers.Parameter("positions"));
        tokens = Blocks(tokens, null);
        _graph.Module = "";
        object[] pooled = [batch, width];
        var chosen = _layers.Has("class")
            ? _layers.Call("select.int", pooled, ("self", tokens.Name), ("dim", 1L), ("index", 0L))
            : _layers.Call("mean.dim", pooled, ("self", tokens.Name), ("dim", (long[])[1]));
        return _layers.Dense(chosen, "head");
    }

    private ShapedName WithClass(ShapedName tokens)
    {
        var one = _layers.Parameter("class").Name;
        var sizes = ProgramValue.Sizes(tokens.Shape[0], 1L, tokens.Shape[2]);
        var each = _graph.Call("expand", ("self", one), ("size", sizes));
        object[] shape = [tokens.Shape[0], (long)tokens.Shape[1] + 1, tokens.Shape[2]];
        return _layers.Call("cat", shape, ("tensors", (ProgramName[])[each, tokens.Name]), ("dim", 1L));
    }

    private ShapedName SequenceTransformer(ShapedName input, ScalarType dtype)
    {
        var table = _layers.Parameter("tokens");
        object[] shape = [.. input.Shape, table.Shape[1]];
        var hidden = _layers.Call("embedding", shape, ("weight", table.Name), ("indices", input.Name));
        hidden = _layers.Add(hidden, _layers.Parameter("positions"));
        var length = (long)input.Shape[1];
        using var scope = NewDisposeScope();
        var mask = full([length, length], double.NegativeInfinity, dtype, CPU).triu(1);
        hidden = Blocks(hidden, _graph.Constant("lifted_tensor_0", SavedTensor.From(mask)));
        return Transposed(_layers.Dense(hidden, "head"));
    }

    private ShapedName Blocks(ShapedName tokens, ProgramName? mask)
    {
        for (var block = 0; _layers.Has($"block{block}.qkv.weight"); block++)
        {
            var name = $"block{block}";
            tokens = _layers.Add(tokens, Attention(TokenNorm(tokens, $"{name}.norm0"), name, mask));
            var dense = _layers.Dense(TokenNorm(tokens, $"{name}.norm1"), $"{name}.up");
            tokens = _layers.Add(tokens, _layers.Dense(Activation(dense), $"{name}.down"));
        }
        return TokenNorm(tokens, "norm");
    }

    private ShapedName TokenNorm(ShapedName input, string layer) =>
        _layers.Has($"{layer}.weight") ? _layers.LayerNorm(input, layer) : input;

    private ShapedName Attention(ShapedName tokens, string block, ProgramName? mask)
    {
        var (batch, length, width) = (tokens.Shape[0], tokens.Shape[1], (long)tokens.Shape[2]);
        var (heads, each) = ((long)_spec.Heads, width / _spec.Heads);
        var all = _layers.Dense(tokens, $"{block}.qkv");
        _graph.Module = block;
        var split = _layers.View(all, batch, length, 3L, heads, each);
        object[] shape = [3L, batch, heads, length, each];
        var turned = _layers.Call("permute", shape, ("self", split.Name), ("dims", (long[])[2, 0, 3, 1, 4]));
        var attended = Fuses ? Fused(turned, mask) : Written(turned, mask);
        object[] back = [batch, length, heads, each];
        attended = _layers.Call("transpose.int", back, ("self", attended.Name), ("dim0", 1L), ("dim1", 2L));
        return _layers.Dense(_layers.Reshape(attended, batch, length, width), $"{block}.out");
    }

    private ShapedName Fused(ShapedName parts, ProgramName? mask)
    {
        var three = _graph.CallList("unbind.int", 3, ("self", parts.Name));
        return _layers.Call(
            "scaled_dot_product_attention",
            parts.Shape[1..],
            [
                ("query", three[0]),
                ("key", three[1]),
                ("value", three[2]),
                .. mask is null ? ((string, ProgramValue)[])[] : [("attn_mask", mask)],
            ]
        );
    }

    private ShapedName Written(ShapedName parts, ProgramName? mask)
    {
        var (batch, heads, length, each) = (parts.Shape[1], (long)parts.Shape[2], parts.Shape[3], parts.Shape[4]);
        var rows = _graph.CallSize("_operator.mul", ("a", (ProgramName)batch), ("b", heads));
        var three = Three(_layers.Reshape(parts, 3L, rows, length, each));
        object[] square = [rows, length, length];
        var query = _graph.Call("mul.Tensor", ("self", three[0]), ("other", 1 / Math.Sqrt((long)each)));
        var key = _graph.Call("transpose.int", ("self", three[1]), ("dim0", 1L), ("dim1", 2L));
        var scores = _layers.Call("bmm", square, ("self", query), ("mat2", key));
        if (mask is not null)
            scores = _layers.Call("add.Tensor", square, ("self", scores.Name), ("other", mask));
        var shares =
            Form == ProgramForm.Training
                ? _layers.Call("softmax.int", square, ("self", scores.Name), ("dim", 2L))
                : _layers.Call("_softmax", square, ("self", scores.Name), ("dim", 2L), ("half_to_float", false));
        var attended = _layers.Call("bmm", [rows, length, each], ("self", shares.Name), ("mat2", three[2]));
        return _layers.View(attended, batch, heads, length, each);
    }

    private ProgramName[] Three(ShapedName parts) =>
        Form == ProgramForm.Training
            ? _graph.CallList("unbind.int", 3, ("self", parts.Name))
            :
            [
                .. Enumerable
                    .Range(0, 3)
                    .Select(index =>
                        _graph.Call("select.int", ("self", parts.Name), ("dim", 0L), ("index", (long)index))
                    ),
            ];

    private ShapedName Transposed(ShapedName input)
    {
        object[] shape = [input.Shape[0], input.Shape[2], input.Shape[1]];
        return Form == ProgramForm.Training
            ? _layers.Call("transpose.int", shape, ("self", input.Name), ("dim0", 1L), ("dim1", 2L))
            : _layers.Call("permute", shape, ("self", input.Name), ("dims", (long[])[0, 2, 1]));
    }
}
