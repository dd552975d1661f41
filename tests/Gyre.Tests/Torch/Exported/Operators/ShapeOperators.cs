using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Gyre.Tests.Torch.Exported.Operators;

/// <summary>Operators that move numbers: shapes, parts, padding, indexing; and those that make tensors.</summary>
internal static class ShapeOperators
{
    /// <summary>Shapes and parts.</summary>
    public static IReadOnlyList<OperatorCase> Shapes { get; } =
    [
        new("view(self=x, size=[2, 6])", t => t.X.view(2, 6)),
        new("view(self=x, size=[-1])", t => t.X.view(12)),
        new("view_copy(self=x, size=[2, 6])", t => t.X.view(2, 6)),
        new("_unsafe_view(self=x, size=[4, 3])", t => t.X.view(4, 3)),
        new("reshape(self=x, shape=[6, 2])", t => t.X.reshape(6, 2)),
        new("flatten.using_ints(self=t, start_dim=1)", t => t.T.flatten(1)),
        new("unflatten.int(self=x, dim=1, sizes=[2, 2])", t => t.X.view(3, 2, 2)),
        new("permute(self=t, dims=[2, 0, 1])", t => t.T.permute(2, 0, 1)),
        new("permute_copy(self=t, dims=[2, 0, 1])", t => t.T.permute(2, 0, 1)),
        new("transpose.int(self=t, dim0=0, dim1=2)", t => t.T.transpose(0, 2)),
        new("t(self=x)", t => t.X.t()),
        new("movedim.int(self=t, source=0, destination=2)", t => t.T.permute(1, 2, 0)),
        new("swapaxes(self=x, axis0=0, axis1=1)", t => t.X.t()),
        new("unsqueeze(self=x, dim=1)", t => t.X.unsqueeze(1)),
        new("squeeze(self=state)", t => t["state"].squeeze(0)),
        new("squeeze.dim(self=state, dim=0)", t => t["state"].squeeze(0)),
        new("squeeze.dims(self=state, dim=[0])", t => t["state"].squeeze(0)),
        new("expand(self=v, size=[3, 4])", t => t.V.expand(3, 4)),
        new("expand_copy(self=v, size=[3, 4])", t => t.V.expand(3, 4)),
        new("expand_as(self=v, other=x)", t => t.V.expand(3, 4)),
        new("broadcast_to(self=v, size=[2, 4])", t => t.V.expand(2, 4)),
        new("view_as(self=x, other=y)", t => t.X),
        new("repeat(self=x, repeats=[2, 1])", t => cat([t.X, t.X])),
        new("tile(self=x, dims=[1, 2])", t => cat([t.X, t.X], 1)),
        new("repeat_interleave.self_int(self=v, repeats=2)", t => stack([t.V, t.V], 1).flatten()),
        new("cat(tensors=[x, y], dim=1)", t => cat([t.X, t.Y], 1)),
        new("concat(tensors=[x, y])", t => cat([t.X, t.Y])),
        new("stack(tensors=[x, y, z], dim=1)", t => stack([t.X, t.Y, t.Z], 1)),
        new("hstack(tensors=[x, y])", t => cat([t.X, t.Y], 1)),
        new("vstack(tensors=[x, y])", t => cat([t.X, t.Y])),
        new("split.Tensor(self=x, split_size=2, dim=1) -> list 2@1", t => t.X.narrow(1, 2, 2)),
        new("split_with_sizes(self=x, split_sizes=[1, 3], dim=1) -> list 2@1", t => t.X.narrow(1, 1, 3)),
        new("chunk(self=x, chunks=2, dim=1) -> list 2@0", t => t.X.narrow(1, 0, 2)),
        new("unbind.int(self=x) -> list 3@2", t => t.X.select(0, 2)),
        new("unbind.int(self=state) -> list 1@0", t => t["state"].select(0, 0)),
        new("tensor_split.indices(self=x, indices=[1, 2], dim=1) -> list 3@2", t => t.X.narrow(1, 2, 2)),
        new("meshgrid.indexing(tensors=[v, b], indexing='ij') -> list 2@1", t => t.B.expand(4, 5)),
        new("broadcast_tensors(tensors=[v, x]) -> list 2@0", t => t.V.expand(3, 4)),
        new("narrow(self=x, dim=1, start=1, length=2)", t => t.X.narrow(1, 1, 2)),
        new("slice.Tensor(self=x, dim=1, start=0, end=9223372036854775807, step=2)", t => t.X.slice(1, 0, 4, 2)),
        new("slice.Tensor(self=x, dim=0, start=-2)", t => t.X.narrow(0, 1, 2)),
        new("slice_copy.Tensor(self=x, dim=1, start=1, end=3)", t => t.X.narrow(1, 1, 2)),
        new("select.int(self=x, dim=0, index=-1)", t => t.X.select(0, 2)),
        new("diagonal(self=s)", t => t.S.diagonal()),
        new("diag(self=v)", t => t.V.diag()),
        new("diag_embed(self=x)", t => t.X.diag_embed()),
        new("tril(self=x)", t => t.X.tril()),
        new("triu(self=x, diagonal=1)", t => t.X.triu(1)),
        new("flip(self=x, dims=[0, 1])", t => t.X.flip(0, 1)),
        new("fliplr(self=x)", t => t.X.flip(1)),
        new("roll(self=x, shifts=[1], dims=[1])", t => t.X.roll(1, 1)),
        new("rot90(self=x)", t => t.X.rot90()),
        new("unfold(self=l, dimension=2, size=3, step=2)", t => t.L.unfold(2, 3, 2)),
        new(
            "as_strided(self=x, size=[2, 2], stride=[4, 1], storage_offset=1)",
            t => t.X.narrow(0, 0, 2).narrow(1, 1, 2)
        ),
        new("block_diag(tensors=[s, x])", t => block_diag(t.S, t.X)),
        new("kron(self=v, other=x)", t => t.V.kron(t.X)),
        new("diff(self=x)", t => t.X.narrow(1, 1, 3).sub(t.X.narrow(1, 0, 3))),
        new("constant_pad_nd(self=x, pad=[1, 2], value=0.5)", t => functional.pad(t.X, [1, 2], value: 0.5)),
        new(
            "pad(self=l, pad=[1, 2], mode='reflect')",
            t => functional.pad(t.L, [1, 2], TorchSharp.PaddingModes.Reflect)
        ),
        new("pad(self=l, pad=[1, 2], mode='circular')", t => cat([t.L.narrow(2, 7, 1), t.L, t.L.narrow(2, 0, 2)], 2)),
        new(
            "reflection_pad1d(self=l, padding=[1, 2])",
            t => functional.pad(t.L, [1, 2], TorchSharp.PaddingModes.Reflect)
        ),
        new(
            "reflection_pad2d(self=i, padding=[1, 1, 2, 0])",
            t => functional.pad(t.I, [1, 1, 2, 0], TorchSharp.PaddingModes.Reflect)
        ),
        new(
            "replication_pad1d(self=l, padding=[1, 2])",
            t => functional.pad(t.L, [1, 2], TorchSharp.PaddingModes.Replicate)
        ),
        new(
            "replication_pad2d(self=i, padding=[1, 1, 2, 0])",
            t => functional.pad(t.I, [1, 1, 2, 0], TorchSharp.PaddingModes.Replicate)
        ),
        new("pixel_shuffle(self=i, upscale_factor=2)", t => functional.pixel_shuffle(t.I, 2)),
        new("pixel_unshuffle(self=i, downscale_factor=2)", t => functional.pixel_unshuffle(t.I, 2)),
        new("channel_shuffle(self=i, groups=2)", t => t.I.view(2, 2, 2, 6, 6).transpose(1, 2).reshape(2, 4, 6, 6)),
        new(
            "im2col(self=i, kernel_size=[3, 3], dilation=[1, 1], padding=[1, 1], stride=[2, 2])",
            t => functional.unfold(t.I, (3, 3), (1, 1), (1, 1), (2, 2))
        ),
        new(
            "col2im(self=t, output_size=[1, 8], kernel_size=[1, 3], dilation=[1, 1], padding=[0, 1], stride=[1, 2])",
            t => functional.fold(t.T, (1, 8), (1, 3), (1, 1), (0, 1), (1, 2))
        ),
    ];

    /// <summary>Parts by index, and putting parts in.</summary>
    public static IReadOnlyList<OperatorCase> Indices { get; } =
    [
        new("gather(self=x, dim=0, index=rows)", t => t.X.gather(0, t["rows"])),
        new("index_select(self=x, dim=0, index=j)", t => t.X.index_select(0, t.J)),
        new("index.Tensor(self=x, indices=[j])", t => t.X.index_select(0, t.J)),
        new("index.Tensor(self=x, indices=[None, j2])", t => t.X.index_select(1, t["j2"])),
        new("index.Tensor(self=x, indices=[j, j2])", t => stack([t.X.select(0, 2)[1], t.X.select(0, 0)[3]])),
        new("take(self=x, index=n)", t => t.X.flatten().index_select(0, t.N.flatten()).view(3, 4)),
        new("take_along_dim(self=x, indices=rows, dim=0)", t => t.X.gather(0, t["rows"])),
        new("embedding(weight=x, indices=j)", t => t.X.index_select(0, t.J)),
        new("scatter.src(self=x, dim=0, index=apart, src=y2)", t => t.X.scatter(0, t["apart"], t["y2"])),
        new("scatter.value(self=x, dim=0, index=rows, value=0.5)", t => t.X.scatter(0, t["rows"], full_like(t.X, 0.5))),
        new("scatter_add(self=x, dim=0, index=rows, src=y2)", t => t.X.scatter_add(0, t["rows"], t["y2"])),
        new(
            "scatter_reduce.two(self=x, dim=0, index=rows, src=y2, reduce='sum')",
            t => t.X.scatter_add(0, t["rows"], t["y2"])
        ),
        new("index_add(self=x, dim=0, index=perm, source=y)", t => t.X.add(t.Y.index_select(0, Inverse(t)))),
        new("index_copy(self=x, dim=0, index=perm, source=y)", t => t.Y.index_select(0, Inverse(t))),
        new("index_fill.int_Scalar(self=x, dim=0, index=j, value=0.5)", t => WithRow(t, full_like(t.X, 0.5))),
        new("index_put(self=x, indices=[perm], values=y)", t => t.Y.index_select(0, Inverse(t))),
        new(
            "index_put(self=x, indices=[perm], values=y, accumulate=True)",
            t => t.X.add(t.Y.index_select(0, Inverse(t)))
        ),
        new("index_put_(self=x, indices=[perm], values=y)", t => t.Y.index_select(0, Inverse(t))),
        new("masked_scatter(self=x, mask=other, source=y)", t => t.X.masked_scatter(t.Other, t.Y)),
        new("select_scatter(self=x, src=v, dim=0, index=1)", t => stack([t.X[0], t.V, t.X[2]])),
        new(
            "slice_scatter(self=x, src=s2, dim=1, start=1, end=3)",
            t => cat([t.X.narrow(1, 0, 1), t["s2"], t.X.narrow(1, 3, 1)], 1)
        ),
        new("diagonal_scatter(self=s, src=row)", t => t.S.sub(t.S.diagonal().diag()).add(t["row"].diag())),
        new("one_hot(self=n, num_classes=4)", t => t.N.unsqueeze(2).eq(arange(4, ScalarType.Int64)), IsPlain: true),
        new("bucketize.Tensor(self=x, boundaries=edges)", t => t.X.unsqueeze(2).gt(t["edges"]).sum(2), IsPlain: true),
        new(
            "searchsorted.Tensor(sorted_sequence=edges, self=x)",
            t => t.X.unsqueeze(2).gt(t["edges"]).sum(2),
            IsPlain: true
        ),
        new("isin.Tensor_Tensor(elements=n, test_elements=c)", t => t.N.ne(1), IsPlain: true),
    ];

    /// <summary>Operators that make tensors.</summary>
    public static IReadOnlyList<OperatorCase> Creation { get; } =
    [
        new("zeros(size=[2, 3], dtype=float64)", _ => zeros([2, 3], ScalarType.Float64), IsPlain: true),
        new("ones(size=[2, 3], dtype=int64)", _ => ones([2, 3], ScalarType.Int64), IsPlain: true),
        new(
            "full(size=[2, 3], fill_value=1.5, dtype=float32, layout=strided, device=cpu, pin_memory=False)",
            _ => full([2, 3], 1.5, ScalarType.Float64),
            IsPlain: true
        ),
        new("arange(end=5)", _ => arange(5, ScalarType.Int64), IsPlain: true),
        new("arange.start(start=2, end=5, dtype=float64)", _ => arange(2, 5, ScalarType.Float64), IsPlain: true),
        new("arange.start_step(start=1, end=9, step=3)", _ => arange(1, 9, 3, ScalarType.Int64), IsPlain: true),
        new("eye(n=3, dtype=float64)", _ => eye(3, dtype: ScalarType.Float64), IsPlain: true),
        new(
            "linspace(start=0.0, end=1.0, steps=5, dtype=float64)",
            _ => arange(5, ScalarType.Float64).div(4),
            IsPlain: true
        ),
        new("scalar_tensor(s=2.5, dtype=float64)", _ => tensor(2.5, ScalarType.Float64), IsPlain: true),
        new("tril_indices(row=3, col=3)", _ => tril_indices(3, 3), IsPlain: true),
        new("zeros_like(self=x)", t => zeros_like(t.X), IsPlain: true),
        new("ones_like(self=x)", t => ones_like(t.X), IsPlain: true),
        new("full_like(self=x, fill_value=2)", t => full_like(t.X, 2), IsPlain: true),
        new("new_zeros(self=x, size=[2])", _ => zeros([2], ScalarType.Float64), IsPlain: true),
        new("new_ones(self=x, size=[2])", _ => ones([2], ScalarType.Float64), IsPlain: true),
        new("new_full(self=x, size=[2], fill_value=0.5)", _ => full([2], 0.5, ScalarType.Float64), IsPlain: true),
    ];

    /// <summary>The inverse of the permutation "perm".</summary>
    private static Tensor Inverse(Operands t) => t["perm"].argsort();

    /// <summary>x with rows 0 and 2 replaced.</summary>
    private static Tensor WithRow(Operands t, Tensor rows) => stack([rows[0], t.X[1], rows[2]]);
}
