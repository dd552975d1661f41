using Gyre.Tests.TestKit.Exported;
using Gyre.Torch.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported;

/// <summary>Programs that cannot be networks here: each refusal names what stands against it, and where.</summary>
public sealed class ProgramRefusalTests : IDisposable
{
    private readonly ProgramFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("randn_like", "draws random numbers")]
    [InlineData("rand_like", "draws random numbers")]
    [InlineData("bernoulli.p", "draws random numbers")]
    [InlineData("normal_functional", "draws random numbers")]
    [InlineData("dropout", "draws random numbers")]
    [InlineData("native_dropout", "draws random numbers")]
    [InlineData("feature_dropout", "draws random numbers")]
    [InlineData("rrelu", "draws random numbers")]
    [InlineData("scaled_dot_product_attention", "draws random numbers")]
    [InlineData("nonzero", "depends on the data")]
    [InlineData("masked_select", "depends on the data")]
    [InlineData("item", "depends on the data")]
    [InlineData("_unique2", "depends on the data")]
    [InlineData("from_file", "reads and writes files")]
    [InlineData("save", "writes files")]
    [InlineData("warn", "prints")]
    [InlineData("manual_seed", "random state")]
    [InlineData("set_.source_Tensor", "changes what a tensor is")]
    [InlineData("resize_", "changes what a tensor is")]
    [InlineData("torch.ops.higher_order.cond", "is control flow")]
    [InlineData("torch.ops.higher_order.while_loop", "is control flow")]
    [InlineData("torch.ops.higher_order.scan", "is control flow")]
    [InlineData("torch.ops.fancy.kernel.default", "is a custom operator")]
    [InlineData("torch.ops.quantized_decomposed.quantize_per_tensor.default", "is a custom operator")]
    [InlineData("math.lgamma", "is an unknown operator")]
    public void An_operator_is_refused_with_the_module_that_calls_it(string target, string why)
    {
        var message = _folder.Refusal(Calling(target));
        var shown = target.Split('.') switch
        {
            ["torch", "ops", var space, var name, ..] => $"{space}.{name}",
            ["math", ..] => target,
            [var name, ..] => $"aten.{name}",
            _ => target,
        };
        Assert.Contains($"{shown} (in blocks.3.branch) ", message, StringComparison.Ordinal);
        Assert.Contains(why, message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_that_libtorch_lacks_is_named_before_it_is_compiled()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "libtorch is asked for its operators on Linux x64.");
        var message = _folder.Refusal(Calling("fancy_new_operator"));
        Assert.Contains("aten.fancy_new_operator (in blocks.3.branch)", message, StringComparison.Ordinal);
        Assert.Contains("2.9.0+cpu", message, StringComparison.Ordinal);
        Assert.Contains("run_decompositions()", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_operator_inside_a_part_without_gradients_is_refused_too()
    {
        var inner = Calling("randn_like");
        var program = new ProgramBuilder();
        var x = program.Input("x", ScalarType.Float32, null, 4);
        program.Output(
            program.CallList(
                "torch.ops.higher_order.wrap_with_set_grad_enabled",
                1,
                ("", false),
                ("", ProgramValue.Graph("submod_1", inner)),
                ("", x)
            )[0]
        );
        var message = _folder.Refusal(program);
        Assert.Contains("aten.randn_like (in blocks.3.branch)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void All_mistakes_are_named_together()
    {
        var program = Calling("dropout");
        program.Module = "other";
        program.Call("nonzero", ("self", new ProgramName("x")));
        program.Input("y", ScalarType.Float32, [null]);
        program.Output(new ProgramName("x"));
        var message = _folder.Refusal(program);
        Assert.Contains("2 inputs (x, y)", message, StringComparison.Ordinal);
        Assert.Contains("2 tensors (0: dropout, 1: x", message, StringComparison.Ordinal);
        Assert.Contains("model.output", message, StringComparison.Ordinal);
        Assert.Contains("aten.dropout (in blocks.3.branch)", message, StringComparison.Ordinal);
        Assert.Contains("aten.nonzero (in other)", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_size_that_the_data_decides_is_refused()
    {
        var program = new ProgramBuilder();
        var x = program.Input("x", ScalarType.Float32, null, 4);
        var part = program.Call("relu", ("self", x));
        program.Describe(part, ScalarType.Float32, ProgramTensor.Symbol("u0", 3), ProgramTensor.Number(4));
        program.Output(part);
        Assert.Contains("shape of relu depends on the data", _folder.Refusal(program), StringComparison.Ordinal);
    }

    [Fact]
    public void One_of_several_outputs_is_chosen_and_inputs_that_were_fixed_are_no_inputs()
    {
        var program = new ProgramBuilder();
        var x = program.Input("x", ScalarType.Float32, null, 4);
        program.FixedInput("flag", true);
        program.FixedInput("nothing", ProgramValue.None);
        program.Output(program.Call("neg", ("self", x)));
        program.Output(program.Call("exp", ("self", x)));
        program.Output(ProgramValue.None);
        using var scope = NewDisposeScope();
        foreach (var (output, truth) in new[] { ("1", 1.0), ("exp", 1.0), ("0", 0.0) })
        {
            using var module = _folder.Open(program, output: output).Load(ScalarType.Float64, CPU);
            Assert.Equal(4 * truth, Gyre.Torch.Host.Number(module.Call(zeros([1, 4], ScalarType.Float64)).sum()));
        }
        Assert.Contains("it returns 2 tensors", _folder.Refusal(program), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData(4, "2.3.1+cpu")]
    [InlineData(9, "2.13.0")]
    public void Another_version_of_the_schema_is_refused_with_the_pytorch_that_wrote_it(int major, string torch)
    {
        foreach (var layout in Enum.GetValues<ProgramLayout>())
        {
            ProgramArchive.Save(
                _folder.Path,
                Calling("relu"),
                layout,
                json => (json["schema_version"]!["major"], json["torch_version"]) = (major, torch)
            );
            var message = _folder.Refusal();
            Assert.Contains($"version {major}, written by PyTorch {torch}", message, StringComparison.Ordinal);
            Assert.Contains("Export it again with PyTorch", message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    public void Older_versions_of_the_schema_are_read(int major)
    {
        foreach (var layout in Enum.GetValues<ProgramLayout>())
        {
            ProgramArchive.Save(
                _folder.Path,
                Calling("relu"),
                layout,
                json => json["schema_version"]!["major"] = major
            );
            Assert.Equal(1, ExportedProgram.Open(_folder.Path).Nodes);
        }
    }

    [Fact]
    public void Kinds_of_arguments_that_are_not_known_are_named()
    {
        foreach (var (kind, why) in new[] { ("as_quaternion", "as_quaternion"), ("as_complex", "complex") })
        {
            var program = new ProgramBuilder { Module = "head" };
            var x = program.Input("x", ScalarType.Float32, null, 4);
            program.Output(program.Call("relu", ("self", x), ("more", new ProgramValue(kind, 1))));
            var message = _folder.Refusal(program);
            Assert.Contains("aten.relu (in head)", message, StringComparison.Ordinal);
            Assert.Contains(why, message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Objects_of_other_libraries_are_refused()
    {
        ProgramArchive.Save(
            _folder.Path,
            Calling("relu"),
            ProgramLayout.Folders,
            json =>
                json["graph_module"]!["signature"]!["input_specs"]!
                    .AsArray()
                    .Add(
                        System.Text.Json.Nodes.JsonNode.Parse(
                            """{"custom_obj":{"arg":{"name":"obj","class_fqn":"a.B"},"custom_obj_name":"tokenizer"}}"""
                        )
                    )
        );
        Assert.Contains("uses tokenizer", _folder.Refusal(), StringComparison.Ordinal);
    }

    /// <summary>A program of one call on the input, of the arguments that make it what is refused.</summary>
    private static ProgramBuilder Calling(string target)
    {
        var program = new ProgramBuilder { Module = "blocks.3.branch" };
        var x = program.Input("x", ScalarType.Float32, null, 4);
        (string, ProgramValue)[] given = target switch
        {
            "dropout" or "feature_dropout" => [("input", x), ("p", 0.5), ("train", true)],
            "native_dropout" => [("input", x), ("p", 0.5), ("train", true)],
            "rrelu" => [("self", x), ("lower", 0.1), ("upper", 0.2), ("training", true)],
            "scaled_dot_product_attention" =>
            [
                ("query", x),
                ("key", x),
                ("value", x),
                ("attn_mask", ProgramValue.None),
                ("dropout_p", 0.1),
            ],
            "from_file" => [("filename", "/tmp/gyre-must-not-exist"), ("shared", true), ("size", 8L)],
            "torch.ops.higher_order.cond" =>
            [
                ("", x),
                ("", ProgramValue.Graph("true_graph_0", Inner())),
                ("", ProgramValue.Graph("false_graph_0", Inner())),
                ("", (ProgramName[])[x]),
            ],
            _ => [("self", x)],
        };
        program.Output(program.Call(target, given));
        return program;
    }

    private static ProgramBuilder Inner()
    {
        var inner = new ProgramBuilder();
        inner.Output(inner.Call("relu", ("self", inner.Input("a", ScalarType.Float32, null, 4))));
        return inner;
    }
}
