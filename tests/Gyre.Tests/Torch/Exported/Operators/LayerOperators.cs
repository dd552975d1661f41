using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gyre.Tests.Torch.Exported.Operators;

/// <summary>Convolutions, pooling, norms, attention and recurrent layers.</summary>
internal static class LayerOperators
{
    private const string Statistics = "running_mean=zeros, running_var=ones, ";

    /// <summary>Convolutions.</summary>
    public static IReadOnlyList<OperatorCase> Convolutions { get; } =
    [
        new("conv1d(input=l, weight=h, bias=row)", t => functional.conv1d(t.L, t.H, t["row"])),
        new(
            "conv2d(input=i, weight=k, bias=v, stride=[2, 2], padding=[1, 1])",
            t => functional.conv2d(t.I, t.K, t.V, strides: [2, 2], padding: [1, 1])
        ),
        new(
            "conv2d(input=i, weight=k2, bias=None, stride=[1, 1], padding=[2, 2], dilation=[2, 2], groups=2)",
            t => functional.conv2d(t.I, t["k2"], padding: [2, 2], dilation: [2, 2], groups: 2)
        ),
        new(
            "conv2d.padding(input=i, weight=k, bias=v, stride=[1, 1], padding='same')",
            t => functional.conv2d(t.I, t.K, t.V, padding: [1, 1])
        ),
        new("conv3d(input=o, weight=ok)", t => functional.conv3d(t.O, t["ok"])),
        new("conv_transpose1d(input=l, weight=h2)", t => functional.conv_transpose1d(t.L, t["h2"])),
        new(
            "conv_transpose2d.input(input=i, weight=k, bias=v, stride=[2, 2], padding=[1, 1])",
            t => functional.conv_transpose2d(t.I, t.K, t.V, strides: [2, 2], padding: [1, 1])
        ),
        new(
            "convolution(input=i, weight=k, bias=v, stride=[1, 1], padding=[1, 1], dilation=[1, 1], "
                + "transposed=False, output_padding=[0, 0], groups=1)",
            t => functional.conv2d(t.I, t.K, t.V, padding: [1, 1])
        ),
    ];

    /// <summary>Pooling and sizes of images.</summary>
    public static IReadOnlyList<OperatorCase> Pooling { get; } =
    [
        new("avg_pool1d(self=l, kernel_size=[2])", t => t.L.view(2, 4, 4, 2).mean([3L])),
        new("avg_pool2d(self=i, kernel_size=[2, 2], stride=[2, 2])", t => functional.avg_pool2d(t.I, 2)),
        new("avg_pool3d(self=o, kernel_size=[2, 2, 2])", t => functional.avg_pool3d(t.O, [2, 2, 2])),
        new("adaptive_avg_pool3d(self=o, output_size=[2, 2, 2])", t => functional.avg_pool3d(t.O, [2, 2, 2])),
        new(
            "upsample_trilinear3d(self=o, output_size=[8, 8, 8], align_corners=False)",
            t => functional.interpolate(t.O, [8, 8, 8], mode: InterpolationMode.Trilinear)
        ),
        new("max_pool1d(self=l, kernel_size=[2])", t => t.L.view(2, 4, 4, 2).amax([3L])),
        new("max_pool2d(self=i, kernel_size=[2, 2], stride=[2, 2])", t => functional.max_pool2d(t.I, 2)),
        new("max_pool3d(self=o, kernel_size=[2, 2, 2])", t => functional.max_pool3d(t.O, [2, 2, 2])),
        new(
            "max_pool2d_with_indices(self=i, kernel_size=[3, 3], stride=[2, 2], padding=[1, 1]) -> 2@0",
            t => functional.max_pool2d(t.I, 3, 2, 1)
        ),
        new("adaptive_avg_pool1d(self=l, output_size=[4])", t => t.L.view(2, 4, 4, 2).mean([3L])),
        new("adaptive_avg_pool2d(self=i, output_size=[2, 3])", t => functional.adaptive_avg_pool2d(t.I, [2, 3])),
        new("_adaptive_avg_pool2d(self=i, output_size=[2, 3])", t => functional.adaptive_avg_pool2d(t.I, [2, 3])),
        new("adaptive_avg_pool2d(self=i, output_size=[1, 1])", t => t.I.mean([2L, 3], keepdim: true)),
        new("adaptive_max_pool2d(self=i, output_size=[3, 3]) -> 2@0", t => t.I.view(2, 4, 3, 2, 3, 2).amax([3L, 5])),
        new("upsample_nearest1d(self=l, output_size=[16])", t => stack([t.L, t.L], 3).flatten(2)),
        new(
            "upsample_nearest2d(self=i, output_size=[12, 12])",
            t => functional.interpolate(t.I, [12, 12], mode: InterpolationMode.Nearest)
        ),
        new(
            "upsample_bilinear2d(self=i, output_size=[9, 9], align_corners=False)",
            t => functional.interpolate(t.I, [9, 9], mode: InterpolationMode.Bilinear)
        ),
        new(
            "upsample_bicubic2d(self=i, output_size=[9, 9], align_corners=False)",
            t => functional.interpolate(t.I, [9, 9], mode: InterpolationMode.Bicubic)
        ),
        new("affine_grid_generator(theta=affine, size=[2, 1, 3, 3], align_corners=True)", Grid),
    ];

    /// <summary>Norms.</summary>
    public static IReadOnlyList<OperatorCase> Norms { get; } =
    [
        new(
            $"batch_norm(input=i, weight=r, bias=v, {Statistics}training=True, momentum=0.1, eps=1e-05, "
                + "cudnn_enabled=True)",
            t => Scaled(t, Normalized(t.I, [0, 2, 3]))
        ),
        new(
            $"batch_norm(input=i, weight=r, bias=v, {Statistics}training=False, momentum=0.1, eps=1e-05, "
                + "cudnn_enabled=True)",
            t => Scaled(t, t.I.div(Math.Sqrt(1 + 1e-5)))
        ),
        new(
            $"_native_batch_norm_legit_functional(input=i, weight=r, bias=v, {Statistics}training=True, momentum=0.1, "
                + "eps=1e-05) -> 5@0",
            t => Scaled(t, Normalized(t.I, [0, 2, 3]))
        ),
        new(
            $"_native_batch_norm_legit(input=i, weight=r, bias=v, {Statistics}training=True, momentum=0.1, eps=1e-05) "
                + "-> 3@0",
            t => Scaled(t, Normalized(t.I, [0, 2, 3]))
        ),
        new(
            $"_native_batch_norm_legit_no_training(input=i, weight=r, bias=v, {Statistics}momentum=0.1, eps=1e-05) "
                + "-> 3@0",
            t => Scaled(t, t.I.div(Math.Sqrt(1 + 1e-5)))
        ),
        new(
            $"native_batch_norm(input=i, weight=r, bias=v, {Statistics}training=True, momentum=0.1, eps=1e-05) -> 3@0",
            t => Scaled(t, Normalized(t.I, [0, 2, 3]))
        ),
        new("layer_norm(input=x, normalized_shape=[4], weight=r, bias=v)", t => Normalized(t.X, [1]).mul(t.R).add(t.V)),
        new(
            "native_layer_norm(input=x, normalized_shape=[4], weight=r, bias=v, eps=1e-05) -> 3@0",
            t => Normalized(t.X, [1]).mul(t.R).add(t.V)
        ),
        new("group_norm(input=i, num_groups=2, weight=r, bias=v)", t => Scaled(t, Grouped(t.I))),
        new(
            "native_group_norm(input=i, weight=r, bias=v, N=2, C=4, HxW=36, group=2, eps=1e-05) -> 3@0",
            t => Scaled(t, Grouped(t.I))
        ),
        new(
            "instance_norm(input=i, weight=r, bias=v, running_mean=None, running_var=None, use_input_stats=True, "
                + "momentum=0.1, eps=1e-05, cudnn_enabled=True)",
            t => Scaled(t, Normalized(t.I, [2, 3]))
        ),
        new(
            "rms_norm(input=x, normalized_shape=[4], weight=r, eps=1e-05)",
            t => t.X.mul(t.X.square().mean([1L], keepdim: true).add(1e-5).rsqrt()).mul(t.R)
        ),
        new("_weight_norm(v=w, g=length)", t => t.W.mul(t["length"].div(t.W.norm(1, keepdim: true)))),
        new(
            "_fused_rms_norm(input=x, normalized_shape=[4], weight=r, eps=1e-05) -> 2@0",
            t => t.X.mul(t.X.square().mean([1L], keepdim: true).add(1e-5).rsqrt()).mul(t.R)
        ),
        new("_weight_norm_interface(v=w, g=length) -> 2@0", t => t.W.mul(t["length"].div(t.W.norm(1, keepdim: true)))),
    ];

    /// <summary>Attention and recurrent layers.</summary>
    public static IReadOnlyList<OperatorCase> Sequences { get; } =
    [
        new("scaled_dot_product_attention(query=heads, key=heads2, value=heads3)", t => Attention(t, null)),
        new(
            "scaled_dot_product_attention(query=heads, key=heads2, value=heads3, attn_mask=bias, scale=0.5)",
            t => Attention(t, t["bias"])
        ),
        new(
            "scaled_dot_product_attention(query=heads, key=heads2, value=heads3, attn_mask=None, dropout_p=0.0, "
                + "is_causal=True)",
            t => Attention(t, full([3, 3], double.NegativeInfinity, ScalarType.Float64).triu(1))
        ),
        new(
            "_scaled_dot_product_attention_math(query=heads, key=heads2, value=heads3) -> 2@0",
            t => Attention(t, null)
        ),
        new(
            "_scaled_dot_product_flash_attention_for_cpu(query=heads, key=heads2, value=heads3) -> 2@0",
            t => Attention(t, null)
        ),
        new(
            "lstm_cell(input=x, hx=[y, cell], w_ih=gates, w_hh=gates2) -> 2@0",
            t => Lstm(t.X, t.Y, t["cell"], t["gates"], t["gates2"])
        ),
        new(
            "rnn_relu_cell(input=x, hx=y, w_ih=four, w_hh=four2)",
            t => t.X.mm(t["four"].t()).add(t.Y.mm(t["four2"].t())).relu()
        ),
        new("gru_cell(input=x, hx=y, w_ih=three, w_hh=three2)", t => Gru(t.X, t.Y, t["three"], t["three2"])),
        new("rnn_tanh_cell(input=x, hx=y, w_ih=four, w_hh=four2)", t => Rnn(t)),
        new(
            "lstm.input(input=state, hx=[state2, state2], params=[gates, gates2], has_biases=False, num_layers=1, "
                + "dropout=0.0, train=True, bidirectional=False, batch_first=False) -> 3@0",
            t => Lstm(t["state"][0], t["state2"][0], t["state2"][0], t["gates"], t["gates2"]).unsqueeze(0)
        ),
        new(
            "gru.input(input=state, hx=state2, params=[three, three2], has_biases=False, num_layers=1, dropout=0.0, "
                + "train=True, bidirectional=False, batch_first=False) -> 2@0",
            t => Gru(t["state"][0], t["state2"][0], t["three"], t["three2"]).unsqueeze(0)
        ),
        new(
            "rnn_tanh.input(input=state, hx=state2, params=[four, four2], has_biases=False, num_layers=1, dropout=0.0, "
                + "train=True, bidirectional=False, batch_first=False) -> 2@0",
            t => t["state"][0].mm(t["four"].t()).add(t["state2"][0].mm(t["four2"].t())).tanh().unsqueeze(0)
        ),
    ];

    private static Tensor Normalized(Tensor input, long[] dimensions)
    {
        var centered = input.sub(input.mean(dimensions, keepdim: true));
        return centered.mul(centered.square().mean(dimensions, keepdim: true).add(1e-5).rsqrt());
    }

    private static Tensor Grouped(Tensor images) => Normalized(images.view(2, 2, 2, 6, 6), [2, 3, 4]).view(2, 4, 6, 6);

    private static Tensor Scaled(Operands t, Tensor images) => images.mul(t.R.view(4, 1, 1)).add(t.V.view(4, 1, 1));

    private static Tensor Attention(Operands t, Tensor? bias)
    {
        var scores = einsum("bhid,bhjd->bhij", t["heads"], t["heads2"]).mul(0.5);
        return einsum("bhij,bhjd->bhid", (bias is null ? scores : scores.add(bias)).softmax(-1), t["heads3"]);
    }

    private static Tensor Rnn(Operands t) => t.X.mm(t["four"].t()).add(t.Y.mm(t["four2"].t())).tanh();

    private static Tensor Lstm(Tensor input, Tensor hidden, Tensor cell, Tensor w, Tensor u)
    {
        var gates = input.mm(w.t()).add(hidden.mm(u.t())).chunk(4, 1);
        var next = gates[1].sigmoid().mul(cell).add(gates[0].sigmoid().mul(gates[2].tanh()));
        return gates[3].sigmoid().mul(next.tanh());
    }

    private static Tensor Gru(Tensor input, Tensor hidden, Tensor w, Tensor u)
    {
        var (a, b) = (input.mm(w.t()).chunk(3, 1), hidden.mm(u.t()).chunk(3, 1));
        var (reset, update) = (a[0].add(b[0]).sigmoid(), a[1].add(b[1]).sigmoid());
        var candidate = a[2].add(reset.mul(b[2])).tanh();
        return candidate.add(hidden.sub(candidate).mul(update));
    }

    private static Tensor Grid(Operands t)
    {
        var side = tensor((double[])[-1, 0, 1], ScalarType.Float64, CPU);
        var (x, y) = (side.expand(3, 3), side.unsqueeze(1).expand(3, 3));
        var points = stack([x, y, ones(3, 3, ScalarType.Float64)], 2);
        return einsum("ijc,nkc->nijk", points, t["affine"]);
    }
}
