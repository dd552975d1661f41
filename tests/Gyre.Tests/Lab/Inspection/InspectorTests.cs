using System.Text.Json;
using Gyre.Lab.Inspection;
using Gyre.Lab.Models;
using Gyre.Lab.Objectives;
using Gyre.Lab.Reports;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;
using Gyre.Tests.TestKit;
using static TorchSharp.torch;

namespace Gyre.Tests.Lab.Inspection;

/// <summary>
/// Against PyTorch and numpy: TestKit/TorchScript/make.py exported the network and computed its dense matrices.
/// </summary>
public sealed class InspectorTests : IDisposable
{
    private static readonly JsonElement Truth = JsonDocument
        .Parse(File.ReadAllText(ExportedNetworks.File("truth.json")))
        .RootElement;

    private readonly TemporaryFolder _folder = new();
    private readonly TorchSharp.DisposeScope _scope = NewDisposeScope();

    public InspectorTests() => ExportedNetworks.CopySamples(_folder);

    public void Dispose()
    {
        _scope.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("hessian", "hessian")]
    [InlineData("gauss-newton", "gauss_newton")]
    [InlineData("fisher", "fisher")]
    public void Eigenvalues_of_a_module_that_PyTorch_exported_are_numpys(string name, string truth)
    {
        var record = Inspect(
            new InspectionOptions
            {
                Operator = name,
                Pairs = 3,
                DensityProbes = 0,
            }
        );
        var exact = Values(truth);

        // the file's weights are float32 and so is the data
        Assert.Equal(Truth.GetProperty("loss").GetDouble(), record.Loss, 1e-6);
        Assert.Equal(37, record.Parameters);
        foreach (var (pair, value) in record.Top.Zip(exact.Reverse()))
            Assert.Equal(value, pair.Value, 1e-6);
        if (name == "hessian")
        {
            foreach (var (pair, value) in record.Bottom.Reverse().Zip(exact))
                Assert.Equal(value, pair.Value, 1e-6);
        }
        Assert.InRange(Math.Abs(record.Trace!.Value - exact.Sum()), 0, 4 * record.Trace.Error + 1e-9);
    }

    [Fact]
    public void Blocks_are_numpys_and_parameters_that_the_loss_ignores_are_named()
    {
        var record = Inspect(new InspectionOptions { DensityProbes = 0, TraceProbes = 0 });

        foreach (var layer in record.Layers!)
        {
            var exact = Truth
                .GetProperty("blocks")
                .GetProperty(layer.Name)
                .EnumerateArray()
                .Max(value => value.GetDouble());
            Assert.Equal(exact, layer.Sharpness, 1e-3 * Math.Abs(exact) + 1e-12);
        }
        Assert.Contains("the loss ignores unused.weight, unused.bias: their blocks are zero", record.Remarks);
        Assert.Null(record.Density);
    }

    [Theory]
    [InlineData("gauss-newton", "cross-entropy", 0)]
    [InlineData("gauss-newton", "squared-error", 0.02)]
    [InlineData("fisher", "squared-error", 0)]
    [InlineData("fisher", "cross-entropy", 0.02)]
    public void A_semidefinite_matrix_has_layers_but_no_bottom_pairs_and_says_why(
        string name,
        string loss,
        double weightDecay
    )
    {
        var record = InspectImages(name, loss, weightDecay, Few).Record;
        var floor = name == "fisher" ? 0 : weightDecay;
        var space = record.Parameters - (name == "fisher" ? 320 : 3200);
        var why =
            "no smallest eigenpairs: "
            + (name, weightDecay) switch
            {
                ("fisher", _) => "the empirical Fisher matrix has no negative eigenvalue",
                (_, 0) => "the Gauss–Newton matrix has no negative eigenvalue",
                _ => "the Gauss–Newton matrix has no eigenvalue below 0.02, the weight decay",
            };

        Assert.Equal((4, 0, "converged"), (record.Top.Count, record.Bottom.Count, record.StopReason));
        Assert.Equal(new FloorRecord(floor, space), record.Floor);
        var count = FormattableString.Invariant($"{space:N0} of its {record.Parameters:N0}");
        var at = FormattableString.Invariant($"{floor}");
        Assert.Equal($"{why}; at least {count} are the null space, at {at}", record.Remarks[^1]);
        Assert.Equal((0, 0, 0), (record.Density!.Negative, record.Density.NegativeLow, record.Density.NegativeHigh));
        Assert.Equal(record.Chosen, record.Layers!.Select(layer => layer.Name));
        var most = record.Top[0].Value * (1 + 1e-6);
        Assert.All(record.Layers!, layer => Assert.InRange(layer.Sharpness, floor - 1e-9, most));
    }

    [Theory]
    [InlineData("gauss-newton")]
    [InlineData("fisher")]
    public void Top_pairs_of_a_semidefinite_matrix_take_few_products_and_its_layers_more(string name)
    {
        var pairs = Few with { TraceProbes = 0, DensityProbes = 0 };
        var (with, without) = (Products(pairs), Products(pairs with { Layers = false }));

        Assert.InRange(without, 5, 99); // the limit is 300
        Assert.InRange(with - without, 4, 240); // four tensors of at most 60
        int Products(InspectionOptions options) => InspectImages(name, "cross-entropy", 0, options).Record.Products;
    }

    [Fact]
    public void Every_file_of_an_inspection_without_bottom_pairs_says_why()
    {
        var result = InspectImages("gauss-newton", "cross-entropy", 0.02, Few);
        var written = _folder["out"];
        InspectionReport.Save(result.Record, result.Top, result.Bottom, result.Offsets, written, "test");
        var why = result.Record.Remarks[^1];
        var (entries, metadata) = Gyre.Torch.Safetensors.Describe(Path.Combine(written, "eigenvectors.safetensors"));
        var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(written, "inspect.json"))).RootElement;

        Assert.Equal(why, metadata["bottom"]);
        Assert.Equal([0, result.Record.Parameters], entries.Single(entry => entry.Name == "bottom").Shape);
        Assert.Equal(0, json.GetProperty("bottom").GetArrayLength());
        Assert.Equal(0.02, json.GetProperty("floor").GetProperty("value").GetDouble());
        Assert.Contains(why, json.GetProperty("remarks").EnumerateArray().Select(remark => remark.GetString()));
        var row = Assert.Single(InspectionReport.Rows(result.Record), row => row.Name == "smallest");
        Assert.Equal(
            ("0.02 or more", "no smallest eigenpairs: at least 3,170 eigenvalues belong to the null space"),
            (row.Value, row.Note)
        );
        var figure = File.ReadAllText(Path.Combine(written, "density.svg"));
        Assert.Contains("lower bound of the spectrum", figure, StringComparison.Ordinal);
    }

    [Fact]
    public void The_hessian_has_pairs_at_both_ends_and_no_floor()
    {
        var record = InspectImages("hessian", "cross-entropy", 0.02, Few).Record;

        Assert.Equal((4, 4, "converged"), (record.Top.Count, record.Bottom.Count, record.StopReason));
        Assert.True(record.Bottom[^1].Value < 0);
        Assert.Null(record.Floor);
        Assert.DoesNotContain(record.Remarks, remark => remark.Contains("bottom", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("hessian")]
    [InlineData("fisher")]
    [InlineData("gauss-newton")]
    public void A_matrix_that_is_zero_is_said_to_be_zero(string name)
    {
        // A diagonal linear network of depth 3 at theta = 0: loss ½, and no first or second derivative.
        var spec = SpecReader.Read(
            "quick",
            [
                "threads=1",
                "dtype=float64",
                "data.name=targets",
                "data.targets=[1]",
                "model.name=diagonal-linear",
                "model.depth=3",
                "model.start=[0,0,0]",
                "objective.loss=squared-error",
            ]
        );
        var result = Inspector.Inspect(
            spec,
            null,
            "",
            new InspectionOptions { Operator = name, Pairs = 1 },
            _ => { },
            CancellationToken.None
        );
        var record = result.Record;

        Assert.Equal(0, record.Top[0].Value);
        Assert.Equal(0, record.Density?.Negative ?? 0);
        Assert.DoesNotContain(record.Remarks, remark => remark.Contains("the loss ignores", StringComparison.Ordinal));
        Assert.Contains(
            record.Remarks,
            remark => remark.Contains("a stationary point, such as a saddle", StringComparison.Ordinal)
        );
        Assert.DoesNotContain(
            InspectionReport.Rows(record),
            row => row.Name == "negative" && !row.Value.StartsWith("0.0 ", StringComparison.Ordinal)
        );
        Assert.Equal("3 parameters in 1 tensor", InspectionReport.Rows(record)[0].Note);
        Assert.NotEmpty(
            InspectionReport.Save(record, result.Top, result.Bottom, result.Offsets, _folder["zero"], "test")
        );
    }

    [Fact]
    public void The_table_has_the_order_of_the_files_largest_first_and_most_negative_last()
    {
        var result = InspectImages("hessian", "cross-entropy", 0.02, Few);
        var rows = InspectionReport
            .Rows(result.Record)
            .Where(row =>
                row.Name.StartsWith("eigenvalue", StringComparison.Ordinal) || row.Name is "most negative" or "smallest"
            )
            .ToArray();
        var values = result.Record.Top.Concat(result.Record.Bottom).Select(pair => pair.Value).ToArray();

        Assert.Equal(values.OrderDescending(), values);
        Assert.Equal("most negative", rows[^1].Name);
        Assert.All(
            rows.Zip(values),
            one => Assert.StartsWith(NumberText.Format(one.Second, 5), one.First.Value, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void A_folder_of_another_inspection_is_left_alone()
    {
        var result = InspectImages("hessian", "cross-entropy", 0.02, Few);
        InspectionReport.Save(
            result.Record with
            {
                Subject = "run-1-step-000010",
            },
            result.Top,
            result.Bottom,
            result.Offsets,
            _folder["out"],
            "test"
        );

        InspectionReport.RequireFree(_folder["out"], "run-1-step-000010");
        InspectionReport.RequireFree(_folder["elsewhere"], "run-2");
        Assert.Contains(
            "contains the inspection of run-1-step-000010, and this one is of run-2",
            Assert.Throws<RunFolderException>(() => InspectionReport.RequireFree(_folder["out"], "run-2")).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Chosen_parameters_alone_make_the_matrix()
    {
        var record = Inspect(
            new InspectionOptions
            {
                Parameters = ["a.wei*"],
                Pairs = 1,
                DensityProbes = 0,
                TraceProbes = 0,
            }
        );

        Assert.Equal(["a.weight"], record.Chosen);
        Assert.Equal(
            Truth.GetProperty("blocks").GetProperty("a.weight").EnumerateArray().Max(value => value.GetDouble()),
            record.Top[0].Value,
            1e-6
        );
        var refused = Assert.Throws<InspectionException>(() => Inspect(new InspectionOptions { Parameters = ["c.*"] }));
        Assert.Contains("matches no parameter; there are a.weight, a.bias", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_density_counts_every_eigenvalue()
    {
        var record = Inspect(
            new InspectionOptions
            {
                Pairs = 2,
                DensityProbes = 4,
                DensitySteps = 30,
            }
        );
        var density = record.Density!;
        var step = density.Places[1] - density.Places[0];

        Assert.Equal(1, density.Values.Sum() * step, 0.02);
        var exact = Values("hessian").Count(value => value < -1e-3 * Values("hessian").Max(Math.Abs)) / 37.0;
        Assert.InRange(exact, density.NegativeLow, density.NegativeHigh);
    }

    [Fact]
    public void A_checkpoint_of_a_run_has_the_sharpness_that_the_run_measured_there()
    {
        var spec = SpecReader.Read(
            "quick",
            ["training.steps=12", "run.checkpoint_every=12", "threads=1", "data.samples=60", "model.widths=[8]"]
        );
        var folder = new RunFolder(_folder["run"]);
        Run.Execute(spec, folder, "test", TimeProvider.System, CancellationToken.None);
        var record = Inspector
            .Inspect(
                spec,
                Checkpoints.PathOf(folder, 12),
                "there",
                new InspectionOptions
                {
                    DensityProbes = 0,
                    TraceProbes = 0,
                    Layers = false,
                },
                _ => { },
                CancellationToken.None
            )
            .Record;

        var measured = RunReader.Open(folder.Path).ReadCurvature()[^1];
        Assert.Equal(12, measured.Step);
        Assert.Equal(measured.Sharpness, record.Top[0].Value, 1e-4 * measured.Sharpness);
        Assert.Contains(
            "a subset: 60 of the 5000 training samples; every number is based on these alone",
            record.Remarks
        );
        var other = SpecReader.Read("quick", ["model.widths=[9]", "data.samples=60"]);
        Assert.Contains(
            "this one has",
            Assert
                .Throws<InspectionException>(() =>
                    Inspector.Inspect(
                        other,
                        Checkpoints.PathOf(folder, 12),
                        "",
                        new InspectionOptions(),
                        _ => { },
                        CancellationToken.None
                    )
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Dropout_is_refused_with_the_cure_and_shapes_that_do_not_fit_are_named()
    {
        Assert.Contains(
            "model.eval() before the export",
            Assert.Throws<ObjectiveException>(() => Inspect(new InspectionOptions(), "dropout.pt")).Message,
            StringComparison.Ordinal
        );
        var spec = SpecReader.Read(
            "quick",
            ["model.name=torchscript", $"model.file=\"{ExportedNetworks.File("traced.pt")}\""]
        );
        Assert.Contains(
            "fails on samples of shape [28, 28]",
            Assert
                .Throws<ModelException>(() =>
                    Inspector.Inspect(spec, null, "", new InspectionOptions(), _ => { }, CancellationToken.None)
                )
                .Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void More_classes_than_outputs_are_refused()
    {
        File.WriteAllBytes(_folder["y.npy"], [.. File.ReadAllBytes(_folder["y.npy"])[..^8], 7, 0, 0, 0, 0, 0, 0, 0]);
        Assert.Contains(
            "this data needs Float64 of shape [12, 8]",
            Assert.Throws<ModelException>(() => Inspect(new InspectionOptions())).Message,
            StringComparison.Ordinal
        );
    }

    private static InspectionOptions Few =>
        new()
        {
            TraceProbes = 2,
            DensityProbes = 2,
            DensitySteps = 10,
        };

    /// <summary>More parameters than the rank of the matrices, and more samples than products are allowed.</summary>
    private static InspectionResult InspectImages(
        string name,
        string loss,
        double weightDecay,
        InspectionOptions options
    )
    {
        var spec = SpecReader.Read(
            "quick",
            [
                "threads=1",
                "data.samples=320",
                "model.widths=[8]",
                $"objective.loss={loss}",
                FormattableString.Invariant($"objective.weight_decay={weightDecay}"),
            ]
        );
        return Inspector.Inspect(spec, null, "", options with { Operator = name }, _ => { }, CancellationToken.None);
    }

    private InspectionRecord Inspect(InspectionOptions options, string file = "traced.pt")
    {
        // float64, and features as they are: standardised data would be other data than numpy's.
        var spec = SpecReader.Read(
            "quick",
            [
                "dtype=float64",
                "threads=1",
                "model.name=torchscript",
                $"model.file=\"{ExportedNetworks.File(file)}\"",
                "data.name=arrays",
                $"data.path=\"{_folder.Path}\"",
                "data.samples=0",
            ]
        );
        return Inspector.Inspect(spec, null, "theta of the file", options, _ => { }, CancellationToken.None).Record;
    }

    private static double[] Values(string name) =>
        [.. Truth.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];
}
