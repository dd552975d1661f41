using System.Globalization;
using System.Text;
using Gyre.Lab.Experiments;
using Gyre.Lab.Runs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.House;

/// <summary>Documents that say what the code says.</summary>
public class DocumentTests
{
    [Fact]
    public void Every_key_of_a_spec_is_documented_as_the_schema_has_it()
    {
        var path = Path.Combine(Source.Root, "docs", "spec.md");
        var expected = SpecDocument();
        if (Environment.GetEnvironmentVariable("GYRE_WRITE_DOCS") == "1")
            File.WriteAllText(path, expected);
        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Fact]
    public void Every_field_of_a_record_is_in_the_formats_document()
    {
        var text = File.ReadAllText(Path.Combine(Source.Root, "docs", "formats.md"));
        Type[] records = [typeof(StepRecord), typeof(CurvatureRecord), typeof(RotationRecord), typeof(EventRecord), typeof(TimingRecord), typeof(SessionRecord), typeof(SummaryRecord), typeof(CycleRecord), typeof(FlatteningRecord), typeof(RotationSummary), typeof(EnvironmentRecord)];
        var missing =
            from record in records
            from property in record.GetProperties()
            let name = System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)
            where property.Name != "EqualityContract" && !text.Contains($"`{name}`", StringComparison.Ordinal)
            select $"{record.Name}.{name}";
        Assert.Empty(missing);
    }

    [Fact]
    public void The_two_commands_of_the_readme_are_the_ones_that_work()
    {
        var readme = File.ReadAllText(Path.Combine(Source.Root, "README.md"));
        Assert.Contains("dotnet run -c Release --project src/Gyre.App -- run", readme, StringComparison.Ordinal);
        Assert.Contains("dotnet test", readme, StringComparison.Ordinal);
    }

    private static string SpecDocument()
    {
        var text = new StringBuilder("""
            # The spec

            A spec is a TOML file, or a preset inside the program (`gyre spec` lists them). What it leaves out has the default below; `gyre spec FILE` prints it whole.
            Any key can be set from the command line: `--set training.learning_rate=0.3`. Every mistake is reported at once. This table is written from the program's own.

            | key | default | allowed | meaning |
            | --- | --- | --- | --- |

            """);
        foreach (var key in SpecSchema.Keys)
            text.Append(CultureInfo.InvariantCulture, $"| `{key.Path}` | {Default(key)} | {key.Allowed} | {key.Help} |\n");
        return text.ToString();
    }

    private static string Default(SpecKey key) => key.Path == "threads" ? "processors" : key.Default switch
    {
        string text => $"`\"{text}\"`",
        bool flag => flag ? "`true`" : "`false`",
        long[] list => $"`[{string.Join(", ", list)}]`",
        GivenChange[] => "`[]`",
        IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => "",
    };
}
