using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>`gyre export` as its user sees it.</summary>
public class ExportTests
{
    [Fact]
    public void It_prints_the_files_it_wrote_replaces_those_before_and_leaves_nothing_else()
    {
        using var folder = new TemporaryFolder();
        var run = ExportFolders.Run(folder["run"]);
        var first = GyreProcess.RunIn(folder.Path, "export", "run");
        Assert.Equal((0, ""), (first.ExitCode, first.Error));
        var files = first.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("run/export/csv/steps.csv", files[0]);
        Assert.Equal(
            files.Order(),
            Directory
                .GetFiles(folder["run/export"], "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(folder.Path, file))
                .Order()
        );
        var before = File.ReadAllText(folder["run/export/csv/steps.csv"]);
        File.AppendAllBytes(run.Steps, [.. RunJson.ToLine(new StepRecord(3, 0.5, 1, 0.25, 0.1)), (byte)'\n']);
        Assert.Equal(0, GyreProcess.RunIn(folder.Path, "export", "run", "--format", "csv").ExitCode);
        Assert.StartsWith(
            before + "3,0.5,1,0.25,0.1,,,",
            File.ReadAllText(folder["run/export/csv/steps.csv"]),
            StringComparison.Ordinal
        );
        Assert.Equal(files.Length, Directory.GetFiles(folder["run/export"], "*", SearchOption.AllDirectories).Length);
    }

    [Theory]
    [InlineData("export", "missing required argument 'FOLDER'")]
    [InlineData("export nowhere", "There is no folder nowhere")]
    [InlineData("export .", "neither a run folder nor a sweep folder")]
    [InlineData("export run --format parket", "did you mean parquet?")]
    [InlineData("export run --format", "--format needs a value")]
    [InlineData("export run --formt csv", "Did you mean --format?")]
    [InlineData("export run --out run/spec.toml/x", "run/spec.toml/x/steps.csv cannot be written")]
    [InlineData("export newer", "newer has format 2; this program supports formats up to 1")]
    public void A_mistake_is_a_sentence_and_leaves_nothing(string arguments, string said)
    {
        using var folder = new TemporaryFolder();
        ExportFolders.Run(folder["run"]);
        var newer = ExportFolders.Run(folder["newer"]);
        File.WriteAllText(
            newer.Spec,
            File.ReadAllText(newer.Spec).Replace("format = 1", "format = 2", StringComparison.Ordinal)
        );
        var before = Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Order().ToArray();
        var (exitCode, output, error) = GyreProcess.RunIn(folder.Path, arguments.Split(' '));
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.Equal(before, Directory.GetFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories).Order());
    }
}
