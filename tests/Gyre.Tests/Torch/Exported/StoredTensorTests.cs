using Gyre.Tests.TestKit;
using Gyre.Tests.TestKit.Exported;
using Gyre.Torch;
using Gyre.Torch.Exported;
using static TorchSharp.torch;

namespace Gyre.Tests.Torch.Exported;

/// <summary>Tensors as files hold them: shared, strided, expanded, frozen, of every type, in both layouts.</summary>
public sealed class StoredTensorTests : IDisposable
{
    private static readonly float[] Numbers = [1, 2, 3, 4, 5, 6];

    private readonly ProgramFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Layouts => [.. Enum.GetNames<ProgramLayout>()];

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_tensor_with_two_names_is_one(string layout)
    {
        var program = new ProgramBuilder();
        var shared = SavedTensor.Matrix(2, 2, [1, 2, 3, 4]);
        var (first, second) = (program.Parameter("in.weight", shared), program.Parameter("out.weight", shared));
        var x = program.Input("x", ScalarType.Float32, null, 2);
        var hidden = program.Call("linear", ("input", x), ("weight", first));
        program.Output(program.Call("linear", ("input", hidden), ("weight", second)));
        using var module = Load(program, layout);
        Assert.Equal(["in.weight", "out.weight"], module.Tensors.Select(one => one.Name));
        var weight = module.Tensors[0].Value;
        Assert.Same(weight, module.Tensors[1].Value);
        // d/dW of the sum of x W^T W^T: both places count
        var samples = tensor((double[])[1, 0], ScalarType.Float64, CPU).reshape(1, 2);
        var own = weight.detach().clone().requires_grad_();
        var expected = Gradients.Gradient(samples.mm(own.t()).mm(own.t()).sum(), [own])[0];
        Assert.True(Gradients.Gradient(module.Call(samples).sum(), [weight])[0].Equals(expected));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Frozen_parameters_stay_frozen(string layout)
    {
        var program = new ProgramBuilder();
        var trained = program.Parameter("trained", Vector(1, 2));
        var frozen = program.Parameter("frozen", Vector(3, 4) with { Trained = false });
        var x = program.Input("x", ScalarType.Float32, null, 2);
        var sum = program.Call("mul.Tensor", ("self", x), ("other", trained));
        program.Output(program.Call("add.Tensor", ("self", sum), ("other", frozen)));
        using var module = Load(program, layout);
        Assert.Equal([true, false], module.Tensors.Select(one => one.Value.requires_grad));
        Assert.All(module.Tensors, one => Assert.Equal(InputKind.Parameter, one.Kind));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Strides_and_offsets_are_those_of_the_file(string layout)
    {
        var storage = new SavedStorage(Numbers);
        var transposed = Read(new SavedTensor(storage, [2, 2], [1, 2]), layout);
        Assert.Equal([1, 3, 2, 4], transposed);
        Assert.Equal([4, 6], Read(new SavedTensor(storage, [2], [2], 3), layout));
        Assert.Equal([2, 2, 2, 3, 3, 3], Read(new SavedTensor(storage, [2, 3], [1, 0], 1), layout));
        Assert.Equal([5], Read(new SavedTensor(storage, [], [], 4), layout));
        Assert.Equal([], Read(new SavedTensor(storage, [0, 3], [3, 1]), layout));
        Assert.Equal([], Read(new SavedTensor(new SavedStorage([]), [0], [1]), layout));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Parameters_side_by_side_in_one_storage_are_two(string layout)
    {
        var program = new ProgramBuilder();
        var storage = new SavedStorage(Numbers);
        var first = program.Parameter("first", new SavedTensor(storage, [3], [1]));
        var second = program.Parameter("second", new SavedTensor(storage, [3], [1], 3));
        var x = program.Input("x", ScalarType.Float32, null, 3);
        var product = program.Call("mul.Tensor", ("self", x), ("other", first));
        program.Output(program.Call("mul.Tensor", ("self", product), ("other", second)));
        using var module = Load(program, layout);
        var samples = ones([1, 3], ScalarType.Float64, CPU);
        Tensor[] parameters = [.. module.Tensors.Select(one => one.Value)];
        var gradients = Gradients.Gradient(module.Call(samples).sum(), parameters);
        Assert.Equal([4, 5, 6], Host.Numbers(gradients[0]));
        Assert.Equal([1, 2, 3], Host.Numbers(gradients[1]));
        using (no_grad())
            parameters[0].zero_();
        Assert.Equal([4, 5, 6], Host.Numbers(parameters[1]));
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Memory_that_theta_cannot_hold_is_refused_by_name(string layout)
    {
        var storage = new SavedStorage(Numbers);
        var overlapping = new ProgramBuilder();
        var first = overlapping.Parameter("first", new SavedTensor(storage, [4], [1]));
        var second = overlapping.Parameter("second", new SavedTensor(storage, [4], [1], 2));
        overlapping.Input("x", ScalarType.Float32, null, 4);
        overlapping.Output(overlapping.Call("add.Tensor", ("self", first), ("other", second)));
        var message = _folder.Refusal(overlapping, Layout(layout));
        Assert.Contains("first", message, StringComparison.Ordinal);
        Assert.Contains("second share memory", message, StringComparison.Ordinal);
        var expanded = new ProgramBuilder();
        var wide = expanded.Parameter("wide", new SavedTensor(storage, [3, 4], [0, 1]));
        expanded.Input("x", ScalarType.Float32, null, 4);
        expanded.Output(wide);
        Assert.Contains(
            "Parameter wide shares one number in memory between several elements",
            _folder.Refusal(expanded, Layout(layout)),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(ScalarType.Float16, true)]
    [InlineData(ScalarType.BFloat16, true)]
    [InlineData(ScalarType.Float32, false)]
    [InlineData(ScalarType.Float64, true)]
    [InlineData(ScalarType.Int64, false)]
    [InlineData(ScalarType.Int32, false)]
    [InlineData(ScalarType.Int16, false)]
    [InlineData(ScalarType.Int8, false)]
    [InlineData(ScalarType.Byte, false)]
    [InlineData(ScalarType.Bool, false)]
    public void Every_type_is_read_and_real_ones_are_converted(ScalarType dtype, bool isReported)
    {
        foreach (var layout in Enum.GetValues<ProgramLayout>())
        {
            var stored = tensor((double[])[0, 1, 1, 0, 1], ScalarType.Float64, CPU).to(dtype);
            var program = new ProgramBuilder();
            program.Buffer("table", SavedTensor.From(stored));
            var x = program.Input("x", ScalarType.Float32, [null]);
            program.Output(program.Call("neg", ("self", x)));
            var opened = _folder.Open(program, layout);
            using var module = opened.Load(ScalarType.Float64, CPU);
            var read = module.Tensors.Single().Value;
            Assert.Equal(stored.is_floating_point() ? ScalarType.Float64 : dtype, read.dtype);
            Assert.Equal([0, 1, 1, 0, 1], Host.Numbers(read));
            Assert.Equal(
                isReported,
                opened
                    .FindRemarks(ScalarType.Float32)
                    .Any(remark => remark.Contains($"{dtype} is converted to Float32", StringComparison.Ordinal))
            );
        }
    }

    /// <summary>Half types have no storage in TorchSharp, and share memory all the same.</summary>
    [Theory]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Half_parameters_that_overlap_are_refused(ScalarType dtype)
    {
        var storage = SavedTensor.From(arange(6, ScalarType.Float32, CPU).to(dtype)).Storage;
        foreach (var layout in Enum.GetValues<ProgramLayout>())
        {
            var program = new ProgramBuilder();
            var first = program.Parameter("first", new SavedTensor(storage, [4], [1]));
            var second = program.Parameter("second", new SavedTensor(storage, [4], [1], 2));
            program.Input("x", ScalarType.Float32, null, 4);
            program.Output(program.Call("add.Tensor", ("self", first), ("other", second)));
            Assert.Contains("second share memory", _folder.Refusal(program, layout), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Complex_constants_take_the_width_of_the_run()
    {
        var program = new ProgramBuilder();
        var roots = new SavedStorage(ScalarType.ComplexFloat32, new SavedStorage([1, 2, 3, 4]).Bytes);
        var constant = program.Constant("roots", new SavedTensor(roots, [2], [1]));
        program.Input("x", ScalarType.Float32, [null]);
        program.Output(program.Call("view_as_real", ("self", constant)));
        using var module = _folder.Load(program);
        Assert.Equal([1, 2, 3, 4], Host.Numbers(module.Call(zeros(1, ScalarType.Float64, CPU))));
        Assert.Equal(ScalarType.ComplexFloat64, module.Tensors.Single().Value.dtype);
    }

    [Theory]
    [MemberData(nameof(Layouts))]
    public void Buffers_outside_of_the_state_and_constants_are_read(string layout)
    {
        var program = new ProgramBuilder();
        var kept = program.Buffer("kept", Vector(1, 2));
        var lost = program.Buffer("lost", Vector(10, 20), persistent: false);
        var constant = program.Constant("lifted_tensor_0", Vector(100, 200));
        var x = program.Input("x", ScalarType.Float32, null, 2);
        var sum = program.Call("add.Tensor", ("self", x), ("other", kept));
        sum = program.Call("add.Tensor", ("self", sum), ("other", lost));
        program.Output(program.Call("add.Tensor", ("self", sum), ("other", constant)));
        using var module = Load(program, layout);
        Assert.Equal([InputKind.Buffer, InputKind.Buffer, InputKind.Constant], module.Tensors.Select(one => one.Kind));
        Assert.Equal([111, 222], Host.Numbers(module.Call(zeros([1, 2], ScalarType.Float64, CPU))));
    }

    /// <summary>PyTorch 2.8 named the list of weights otherwise; subclasses of tensors are pickles.</summary>
    [Fact]
    public void Pickled_weights_and_the_names_of_pytorch_2_8_are_read()
    {
        var program = new ProgramBuilder();
        var weight = program.Parameter("weight", Vector(3, 4));
        var x = program.Input("x", ScalarType.Float32, null, 2);
        program.Output(program.Call("mul.Tensor", ("self", x), ("other", weight)));
        var parts = ProgramArchive
            .Entries(program, ProgramLayout.Folders)
            .Select(part =>
                part.Name switch
                {
                    "model/data/weights/model_weights_config.json" => (
                        "model/data/weights/model_model_param_config.json",
                        Replaced(part.Bytes, "\"use_pickle\":false", "\"use_pickle\":true")
                    ),
                    "model/data/weights/weight_0" => (part.Name, SavedFile.Bytes(Vector(3, 4))),
                    _ => part,
                }
            );
        File.WriteAllBytes(_folder.Path, SavedFile.Zip(parts));
        using var module = ExportedProgram.Open(_folder.Path).Load(ScalarType.Float64, CPU);
        Assert.True(module.Tensors.Single().Value.requires_grad);
        Assert.Equal([3, 4], Host.Numbers(module.Call(ones([1, 2], ScalarType.Float64, CPU))));
    }

    [Fact]
    public void Nothing_is_left_when_a_module_is_released()
    {
        var program = new ProgramBuilder();
        var weight = program.Buffer("weight", Vector(3, 4)); // TorchSharp counts parameters twice
        var x = program.Input("x", ScalarType.Float32, null, 2);
        program.Output(program.Call("mul.Tensor", ("self", x), ("other", weight)));
        ProgramArchive.Save(_folder.Path, program);
        using var live = LiveTensors.AssertUnchanged();
        using var module = ExportedProgram.Open(_folder.Path).Load(ScalarType.Float32, CPU);
        using var scope = NewDisposeScope();
        module.Call(ones([1, 2], ScalarType.Float32, CPU));
    }

    private static byte[] Replaced(byte[] text, string from, string to) =>
        System.Text.Encoding.UTF8.GetBytes(
            System.Text.Encoding.UTF8.GetString(text).Replace(from, to, StringComparison.Ordinal)
        );

    private static SavedTensor Vector(params float[] numbers) => new(new SavedStorage(numbers), [numbers.Length], [1]);

    private static ProgramLayout Layout(string name) => Enum.Parse<ProgramLayout>(name);

    private ExportedModule Load(ProgramBuilder program, string layout) => _folder.Load(program, Layout(layout));

    /// <summary>The numbers of a buffer, as the module holds it.</summary>
    private double[] Read(SavedTensor stored, string layout)
    {
        var program = new ProgramBuilder();
        program.Buffer("table", stored);
        var x = program.Input("x", ScalarType.Float32, [null]);
        program.Output(program.Call("neg", ("self", x)));
        using var module = Load(program, layout);
        var value = module.Tensors.Single().Value;
        Assert.Equal(stored.Shape, value.shape);
        return Host.Numbers(value);
    }
}
