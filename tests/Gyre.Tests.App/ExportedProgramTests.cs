using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.App;

/// <summary>
/// Exported programs from the command line: what is said of them, and one sentence for whatever libtorch would end the
/// process over.
/// </summary>
public sealed class ExportedProgramTests : IDisposable
{
    private static readonly string[] Data = ["--data", "arrays", "--data-path", "data"];

    private readonly TemporaryFolder _folder = new();

    public ExportedProgramTests()
    {
        Directory.CreateDirectory(_folder["data"]);
        foreach (var name in new[] { "x.npy", "y.npy" })
            File.Copy(ExportedNetworks.File(name), _folder[$"data/{name}"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_says_what_the_file_is_and_keeps_the_names_of_its_parameters()
    {
        Save("model.bin", program => program.Call("tanh", ("self", Layer(program))));
        var (code, output, error) = Gyre("run", "model.bin", "--set", "training.steps=4", "--set", "threads=1");
        Assert.True(code == 0, error);
        Assert.Contains("exported model.bin", output, StringComparison.Ordinal);
        Assert.Contains("model.bin is an exported program of PyTorch", error, StringComparison.Ordinal);
        Assert.Contains("none of it runs as code", error, StringComparison.Ordinal);
        var inspected = Gyre("inspect", "model.bin", "--pairs", "1", "--probes", "0", "--json", "-");
        Assert.Contains("layers.0.weight", inspected.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mistake_beside_a_file_is_the_command_lines_and_a_key_without_effect_is_named()
    {
        Save("model.pt2", program => program.Call("tanh", ("self", Layer(program))));
        foreach (var command in new[] { "run", "inspect", "advise" })
        {
            var (code, _, error) = Gyre(command, "model.pt2", "--set", "modl.seed=1");
            Assert.Equal(2, code);
            Assert.StartsWith("The command line has a mistake:\n  modl.seed: ", error, StringComparison.Ordinal);
        }
        var inspected = Gyre("inspect", "model.pt2", "--pairs", "1", "--probes", "0", "--set", "model.widths=[3]");
        Assert.Equal(0, inspected.ExitCode);
        Assert.Contains("note: model.widths = [3] has no effect", inspected.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_that_does_not_suit_its_operator_is_one_sentence_with_its_module()
    {
        Save("bad.pt2", program => program.Call("celu", ("self", Layer(program)), ("nonsense", 0.5)));
        var (code, _, error) = Gyre("run", "bad.pt2");
        Assert.Equal(2, code);
        Assert.Contains(
            "the call of aten.celu (in layers.0) does not match its operator",
            error,
            StringComparison.Ordinal
        );
        Assert.False(Directory.Exists(_folder["runs"]));
    }

    [Fact]
    public void Operators_that_libtorch_lacks_are_named_together()
    {
        Save(
            "new.pt2",
            program => program.Call("zebra", ("self", program.Call("quagga.Tensor", ("self", Layer(program)))))
        );
        var (code, _, error) = Gyre("inspect", "new.pt2");
        Assert.Equal(2, code);
        Assert.Contains("aten.quagga (in layers.0), aten.zebra (in layers.0)", error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_differentiated_twice_is_refused_before_the_first_step()
    {
        Save(
            "grid.pt2",
            program =>
            {
                var image = program.Call("view", ("self", Layer(program)), ("size", new long[] { -1, 1, 1, 3 }));
                program.Module = "sampler";
                var sampled = program.Call(
                    "grid_sampler",
                    ("input", image),
                    ("grid", program.Call("zeros", ("size", new long[] { 3, 1, 3, 2 }))),
                    ("interpolation_mode", 0),
                    ("padding_mode", 0),
                    ("align_corners", false)
                );
                return program.Call("view", ("self", sampled), ("size", new long[] { -1, 3 }));
            }
        );
        var (code, _, error) = Gyre("run", "grid.pt2");
        Assert.Equal(2, code);
        Assert.Contains("aten.grid_sampler (in sampler) is not twice differentiable", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["runs"]));
    }

    [Fact]
    public void Random_and_custom_operators_are_refused_together_when_the_spec_is_read()
    {
        Save(
            "train.pt2",
            program =>
                program.Call(
                    "torch.ops.mine.swish.default",
                    ("x", program.Call("dropout", ("input", Layer(program)), ("p", 0.5), ("train", true)))
                )
        );
        var (code, _, error) = Gyre("advise", "train.pt2");
        Assert.Equal(2, code);
        Assert.Contains("aten.dropout (in layers.0) draws random numbers", error, StringComparison.Ordinal);
        Assert.Contains("mine.swish (in layers.0) is a custom operator", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("state_dict.pt", "was written by torch.save")]
    [InlineData("make.py", "is neither a file nor a preset|cannot be read|is not TOML|make.py")]
    public void Other_files_say_how_to_make_the_right_one(string name, string words)
    {
        File.Copy(ExportedNetworks.File(name), _folder[name]);
        var (code, _, error) = Gyre("inspect", name);
        Assert.Equal(2, code);
        Assert.Matches(words, error);
    }

    private static ProgramName Layer(ProgramBuilder program)
    {
        program.Module = "layers.0";
        var weight = program.Parameter(
            "layers.0.weight",
            SavedTensor.Matrix(3, 3, [0.3f, -0.2f, 0.5f, 0.1f, 0.4f, -0.6f, 0.7f, 0.2f, -0.1f])
        );
        var x = program.Input("x", ScalarType.Float32, null, 3);
        return program.Call("linear", ("input", x), ("weight", weight));
    }

    private void Save(string name, Func<ProgramBuilder, ProgramName> output)
    {
        var program = new ProgramBuilder();
        program.Output(output(program));
        ProgramArchive.Save(_folder[name], program);
    }

    private (int ExitCode, string Output, string Error) Gyre(params string[] arguments) =>
        GyreProcess.RunIn(_folder.Path, [.. arguments, .. Data]);
}
