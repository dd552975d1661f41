using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>
/// Modules of others, from the command line: one sentence whatever they do, and an end when the user wants one.
/// </summary>
public sealed class ModuleTests : IDisposable
{
    private const string Loop =
        "i = 0\n    while torch.lt(i, 1000000000000):\n      i = torch.add(i, 1)\n    return torch.linear(x, "
        + "self.weight, self.bias)";

    private static readonly string Files = Path.Combine(Source.Root, "tests", "Gyre.Tests.TestKit", "TorchScript");

    private readonly TemporaryFolder _folder = new();

    public ModuleTests()
    {
        Directory.CreateDirectory(_folder["data"]);
        foreach (var name in new[] { "x.npy", "y.npy" })
            File.Copy(Path.Combine(Files, name), Path.Combine(_folder["data"], name));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Run_takes_a_module_as_inspect_does_and_says_whose_code_it_is()
    {
        File.Copy(Path.Combine(Files, "traced.pt"), _folder["traced.pt"]);
        var (code, output, error) = GyreProcess.RunIn(
            _folder.Path,
            "run",
            "traced.pt",
            "--data",
            "arrays",
            "--data-path",
            "data",
            "--set",
            "threads=1",
            "--set",
            "training.steps=2"
        );
        Assert.True(code == 0, error);
        Assert.Contains("torchscript traced.pt", output, StringComparison.Ordinal);
        Assert.Contains(
            "traced.pt is TorchScript: the code in it runs with your permissions",
            error,
            StringComparison.Ordinal
        );
        Assert.Single(Directory.EnumerateDirectories(_folder["runs"], "traced-*"));
    }

    [Fact]
    public void An_inspection_is_JSON_alone_and_its_folder_has_the_run_and_the_step_in_its_name()
    {
        var run = GyreProcess.RunIn(
            _folder.Path,
            "run",
            "quick",
            "--set",
            "threads=1",
            "--set",
            "training.steps=4",
            "--set",
            "data.samples=40",
            "--set",
            "model.widths=[4]"
        );
        Assert.True(run.ExitCode == 0, run.Error);
        var folder = Path.GetFileName(Assert.Single(Directory.EnumerateDirectories(_folder["runs"])));

        var (code, output, error) = GyreProcess.RunIn(
            _folder.Path,
            "inspect",
            $"runs/{folder}",
            "--probes",
            "0",
            "--no-layers",
            "--pairs",
            "1",
            "--json",
            "-"
        );
        Assert.True(code == 0, error);
        var subject = JsonDocument.Parse(output).RootElement.GetProperty("subject").GetString();
        Assert.Equal($"{folder}-step-000004", subject);
        Assert.True(File.Exists(Path.Combine(_folder["inspect"], subject!, "inspect.json")));

        var other = GyreProcess.RunIn(
            _folder.Path,
            "inspect",
            "quick",
            "--samples",
            "40",
            "--probes",
            "0",
            "--no-layers",
            "--out",
            $"inspect/{subject}"
        );
        Assert.Equal(2, other.ExitCode);
        Assert.Contains($"contains the inspection of {subject}", other.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_damaged_file_that_ends_the_process_inside_libtorch_is_one_sentence()
    {
        // An attribute that no class declares: libtorch's importer throws where nobody catches.
        Rewritten("m.pt", "return torch.linear(x, self.nothing)");
        foreach (var command in new[] { "inspect", "run", "advise" })
        {
            var (code, _, error) = GyreProcess.RunIn(
                _folder.Path,
                command,
                "m.pt",
                "--data",
                "arrays",
                "--data-path",
                "data"
            );
            Assert.True(code == 2, $"{command}: {code} {error}");
            Assert.Contains(
                "m.pt cannot be loaded: libtorch crashes while loading it",
                error,
                StringComparison.Ordinal
            );
            Assert.Contains("no attribute or method 'nothing'", error, StringComparison.Ordinal);
        }
        Assert.False(Directory.Exists(_folder["runs"]) && Directory.EnumerateDirectories(_folder["runs"]).Any());
    }

    [Fact]
    public void A_loop_without_end_is_refused_and_where_it_is_trusted_Ctrl_C_ends_the_inspection()
    {
        Rewritten("m.pt", Loop);
        string[] inspect =
        [
            "inspect",
            "m.pt",
            "--data",
            "arrays",
            "--data-path",
            "data",
            "--probes",
            "0",
            "--no-layers",
        ];
        var refused = GyreProcess.RunIn(_folder.Path, inspect);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("while is a loop without a bound", refused.Error, StringComparison.Ordinal);

        using var process = GyreProcess.StartIn(_folder.Path, [.. inspect, "--set", "model.trusted=true"]);
        // The file is looked at by a child; after it only a loop without end takes so much processor time.
        Assert.True(SpinWait.SpinUntil(() => process.Children().Count > 0, TimeSpan.FromMinutes(1)));
        Assert.True(SpinWait.SpinUntil(() => process.Children().Count == 0, TimeSpan.FromMinutes(1)));
        using var itself = System.Diagnostics.Process.GetProcessById(process.Id);
        var before = itself.TotalProcessorTime;
        Assert.True(
            SpinWait.SpinUntil(
                () => Refreshed(itself).TotalProcessorTime - before > TimeSpan.FromSeconds(6),
                TimeSpan.FromMinutes(2)
            )
        );
        GyreProcess.Signal(process.Id, "INT");
        var (code, _, error) = process.End();
        Assert.Equal(130, code);
        Assert.Contains("Interrupted; nothing was written.", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["inspect"]));
    }

    [Fact]
    public void What_a_trusted_module_prints_goes_to_standard_error_with_its_control_characters_spelled_out()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Skip("libtorch's text is laid out as known on Linux alone");
        Rewritten("m.pt", "print(\"\\033]0;title\\007\")\n    return torch.linear(x, self.weight, self.bias)");
        var (code, output, error) = GyreProcess.RunIn(
            _folder.Path,
            "inspect",
            "m.pt",
            "--data",
            "arrays",
            "--data-path",
            "data",
            "--probes",
            "0",
            "--no-layers",
            "--set",
            "model.trusted=true",
            "--json",
            "-"
        );
        Assert.True(code == 0, error);
        Assert.Equal("torchscript m.pt", JsonDocument.Parse(output).RootElement.GetProperty("model").GetString());
        Assert.Contains(
            "It is trusted (model.trusted) although it does more than compute: ",
            error,
            StringComparison.Ordinal
        );
        Assert.Contains("a resumed run may end with other numbers", error, StringComparison.Ordinal);
        Assert.Contains("\\u001b]0;title\\u0007", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', error);
    }

    private static System.Diagnostics.Process Refreshed(System.Diagnostics.Process process)
    {
        process.Refresh();
        return process;
    }

    /// <summary>The exported network with another body of its first layer.</summary>
    private void Rewritten(string name, string body)
    {
        File.Copy(Path.Combine(Files, "traced.pt"), _folder[name]);
        using var zip = ZipFile.Open(_folder[name], ZipArchiveMode.Update);
        var layer = zip.GetEntry("traced/code/__torch__/torch/nn/modules/linear.py")!;
        using var reader = new StreamReader(layer.Open());
        var text = reader.ReadToEnd();
        reader.Dispose();
        layer.Delete();
        var head = text[..text.IndexOf("  def forward", StringComparison.Ordinal)];
        var code =
            $"{head}  def forward(self: __torch__.torch.nn.modules.linear.Linear,\n    x: Tensor) -> "
            + $"Tensor:\n    {body}\n";
        using var entry = zip.CreateEntry(
                "traced/code/__torch__/torch/nn/modules/linear.py",
                CompressionLevel.NoCompression
            )
            .Open();
        entry.Write(Encoding.UTF8.GetBytes(code));
    }
}
