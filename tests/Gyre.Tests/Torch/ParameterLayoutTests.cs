using CsCheck;
using Gyre.Tests.TestKit;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch;

public class ParameterLayoutTests
{
    private static readonly Gen<long[][]> Shapes = Gen.Long[0, 4].Array[0, 3].Array[1, 6];

    [Fact]
    public void Splitting_what_was_flattened_gives_the_tensors_back_and_offsets_have_no_holes() =>
        Shapes.Sample(
            shapes =>
            {
                using var scope = NewDisposeScope();
                var tensors = shapes.Select((s, i) => GradientsTests.Random(i + 1, s)).ToArray();
                var layout = Layout(tensors);
                var flat = layout.Flatten(tensors);
                Assert.Equal(tensors.Sum(t => t.numel()), layout.Dimension);
                Assert.Equal([layout.Dimension], flat.shape);
                var back = layout.Split(flat);
                long offset = 0;
                for (var i = 0; i < tensors.Length; i++)
                {
                    Assert.True(tensors[i].Equals(back[i]));
                    Assert.Equal(offset, layout.Offsets[i]);
                    offset += layout.Sizes[i];
                }
            },
            iter: 200,
            threads: 1
        );

    [Fact]
    public void Row_major_order_without_regard_to_strides()
    {
        using var scope = NewDisposeScope();
        var m = arange(6, float32).reshape(2, 3).t();
        var layout = Layout(m, ones(1));
        Assert.Equal([0f, 3, 1, 4, 2, 5, 1], layout.Flatten([m, ones(1)]).data<float>().ToArray());
    }

    [Fact]
    public void The_flat_vector_is_a_copy_and_the_split_is_a_view()
    {
        using var scope = NewDisposeScope();
        var p = ones([2, 2], requires_grad: true);
        var layout = Layout(p);
        var flat = layout.Flatten([p]).detach();
        flat.mul_(3);
        Assert.Equal(4f, p.sum().item<float>()); // also for a single parameter, where TorchSharp's cat does not copy
        var view = layout.Split(flat)[0];
        flat.fill_(7);
        Assert.Equal(28f, view.sum().item<float>());
    }

    [Fact]
    public void Copying_writes_into_the_parameters_own_memory()
    {
        using var scope = NewDisposeScope();
        var (loss, parameters) = GradientsTests.Network(float64, seed: 1);
        var layout = Layout(parameters);
        var target = GradientsTests.Random(9, layout.Dimension);
        layout.CopyTo(target, parameters);
        Assert.True(layout.Flatten(parameters).Equals(target));
        Assert.All(parameters, p => Assert.True(p.requires_grad && p.is_leaf));
        Assert.Equal(parameters.Length, Gradients.Gradient(loss(), parameters).Length);
    }

    [Fact]
    public void Gradients_flow_through_the_split()
    {
        using var scope = NewDisposeScope();
        var flat = GradientsTests.Random(3, 10).requires_grad_();
        var parts = Layout(zeros([2, 3], float64), zeros(4, float64)).Split(flat);
        var gradient = Gradients.Gradient(parts[0].square().sum() * 0.5 + parts[1].sum(), [flat])[0];
        Assert.True(gradient.Equals(cat([flat[..6], ones(4, float64)], 0).detach()));
    }

    [Fact]
    public void Gradients_flow_through_the_flat_vector()
    {
        using var scope = NewDisposeScope();
        var (p, q) = (GradientsTests.Random(4, 2, 3).requires_grad_(), GradientsTests.Random(5, 4).requires_grad_());
        var gradient = Gradients.Gradient(Layout(p, q).Flatten([p, q]).square().sum() * 0.5, [p, q]);
        Assert.True(gradient[0].Equals(p.detach()));
        Assert.True(gradient[1].Equals(q.detach()));
    }

    [Fact]
    public void A_module_is_laid_out_under_its_own_names_without_what_is_frozen()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Sequential(("first", nn.Linear(3, 2)), ("second", nn.Linear(2, 1)));
        module.named_parameters().Single(p => p.name == "first.bias").parameter.requires_grad = false;
        var layout = ParameterLayout.FromModule(module);
        Assert.Equal(["first.weight", "second.weight", "second.bias"], layout.Names);
        Assert.Equal([2L, 3], layout.Shapes[0]);
        Assert.Equal(9, layout.Dimension);
    }

    [Fact]
    public void Only_what_is_returned_stays_alive()
    {
        using var check = LiveTensors.AssertUnchanged();
        using var scope = NewDisposeScope();
        var (_, parameters) = GradientsTests.Network(float32, seed: 2);
        var layout = Layout(parameters);
        var before = Tensor.TotalCount;
        var flat = layout.Flatten(parameters);
        Assert.Equal(before + 1, Tensor.TotalCount);
        layout.CopyTo(flat, parameters);
        Assert.Equal(before + 1, Tensor.TotalCount);
        layout.Split(flat);
        Assert.Equal(before + 1 + parameters.Length, Tensor.TotalCount);
    }

    [Fact]
    public void Mistakes_are_refused_by_name_and_nothing_is_written()
    {
        using var scope = NewDisposeScope();
        Tensor[] parameters = [zeros([2, 3]), zeros(2)];
        var layout = new ParameterLayout(["w", "b"], parameters);
        Refused("Parameter \"b\" has shape [2], not [3]", () => layout.Flatten([zeros([2, 3]), zeros(3)]));
        Refused(
            "Parameter \"b\" is Float32 on cpu, not Float64",
            () => layout.Flatten([zeros([2, 3]), zeros(2, float64)])
        );
        Refused("1 tensors for 2 parameters", () => layout.Flatten([zeros([2, 3])]));
        Refused("The flat vector has shape [8], not [9]", () => layout.Split(ones(9)));
        Refused("The flat vector has shape [8], not [8, 1]", () => layout.Split(ones([8, 1])));
        Refused("The flat vector is Float32", () => layout.CopyTo(ones(8, float64), parameters));
        Assert.True(parameters[0].Equals(zeros([2, 3])));
        Refused("no parameters to train", () => _ = new ParameterLayout([], []));
        Refused("Two parameters are named \"w\"", () => _ = new ParameterLayout(["w", "w"], parameters));
        Refused("1 names for 2", () => _ = new ParameterLayout(["w"], parameters));
        Refused("is Int64, but only Float32", () => Layout(zeros(2, int64)));
        Refused("Parameter \"1\" is Float64", () => Layout(zeros(2), zeros(2, float64)));
    }

    private static ParameterLayout Layout(params Tensor[] parameters) =>
        new([.. parameters.Select((_, i) => $"{i}")], parameters);

    private static void Refused(string words, Action action) =>
        Assert.Contains(words, Assert.Throws<ArgumentException>(action).Message, StringComparison.Ordinal);
}
