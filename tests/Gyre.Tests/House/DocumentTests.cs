using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.House;

/// <summary>Documents that say what the code says.</summary>
public class DocumentTests
{
    [Fact]
    public void Every_key_of_a_spec_is_documented_as_the_schema_has_it()
    {
        var path = Path.Combine(Source.Root, "docs", "spec.md");
        var expected = WithKeys(File.ReadAllText(path));
        if (Environment.GetEnvironmentVariable("GYRE_WRITE_DOCS") == "1")
            File.WriteAllText(path, expected);
        Assert.Equal(expected, File.ReadAllText(path));
    }

    [Fact]
    public void Every_field_of_a_record_is_in_the_formats_document()
    {
        var text = File.ReadAllText(Path.Combine(Source.Root, "docs", "formats.md"));
        var missing =
            from record in FileRecords.All
            from property in FileRecords.Fields(record)
            let name = System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)
            where !text.Contains($"`{name}`", StringComparison.Ordinal)
            select $"{record.Name}.{name}";
        Assert.Empty(missing);
    }

    /// <summary>The sweep folder has a part of its own: a field that only a run's part names does not count there.</summary>
    [Fact]
    public void Every_field_of_a_sweeps_record_is_in_its_part_of_the_formats_document()
    {
        Type[] sweeps =
        [
            typeof(SweepPlanRecord),
            typeof(SweepCellRecord),
            typeof(CalibrationRecord),
            typeof(SweepLogRecord),
        ];
        var text = File.ReadAllText(Path.Combine(Source.Root, "docs", "formats.md"));
        var part = text[text.IndexOf("# The sweep folder", StringComparison.Ordinal)..];
        var missing =
            from record in sweeps
            from property in FileRecords.Fields(record)
            let name = System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name)
            where !part.Contains($"`{name}`", StringComparison.Ordinal)
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

    /// <summary>HelpTests hold the texts to what the program prints.</summary>
    [Fact]
    public void Every_command_is_documented_as_its_help_has_it()
    {
        var folder = Path.Combine(Source.Root, "tests", "Gyre.Tests.App", "Expectations");
        string[] names =
        [
            .. Commands.Concat(
                Directory
                    .EnumerateFiles(folder, "help-*.txt")
                    .Select(path => Path.GetFileNameWithoutExtension(path)["help-".Length..])
                    .Except(Commands)
                    .Order(StringComparer.Ordinal)
            ),
        ];
        var texts = names.Select(name =>
            $"\n## gyre {name.Replace('-', ' ')}\n\n```text\n"
            + $"{File.ReadAllText(Path.Combine(folder, $"help-{name}.txt")).TrimEnd()}\n```\n"
        );
        var path = Path.Combine(Source.Root, "docs", "commands.md");
        var expected = With("commands", string.Concat(texts) + "\n", File.ReadAllText(path));
        if (Environment.GetEnvironmentVariable("GYRE_WRITE_DOCS") == "1")
            File.WriteAllText(path, expected);
        Assert.Equal(expected, File.ReadAllText(path));
    }

    /// <summary>The order of the document; others follow.</summary>
    private static readonly string[] Commands =
    [
        "run",
        "measure",
        "inspect",
        "landscape",
        "sweep",
        "advise",
        "reproduce",
        "theory",
        "report",
        "export",
        "ls",
        "compare",
        "clean",
        "serve",
    ];

    /// <summary>The document with its list of keys as the program has it.</summary>
    private static string WithKeys(string document)
    {
        var sections = SpecSchema.Keys.GroupBy(key =>
            key.Path.Contains('.', StringComparison.Ordinal) ? key.Path.Split('.')[0] : ""
        );
        return With("keys", string.Concat(sections.Select(Section)) + "\n", document);
    }

    /// <summary>A document with a generated part between its two marks.</summary>
    private static string With(string mark, string text, string document)
    {
        var (begin, end) = ($"<!-- {mark} -->\n", $"<!-- end of {mark} -->\n");
        var from = document.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return document[..from] + text + document[document.IndexOf(end, StringComparison.Ordinal)..];
    }

    private static string Section(IGrouping<string, SpecKey> section)
    {
        var heading = section.Key.Length == 0 ? "" : $"\n## `[{section.Key}]`\n";
        return $"{heading}\n{string.Concat(section.Select(Item))}";
    }

    private static string Item(SpecKey key)
    {
        var help = char.ToUpperInvariant(key.Help[0]) + key.Help[1..];
        return Filled($"`{key.Path}`, default {Default(key)}; {key.Allowed}. {help}{(help.EndsWith('.') ? "" : ".")}");
    }

    /// <summary>An item of a list, its lines at most 120 wide; words in backticks stay together.</summary>
    private static string Filled(string text)
    {
        var (lines, line) = (new StringBuilder(), "-");
        foreach (var word in Regex.Split(text, " (?=(?:[^`]*`[^`]*`)*[^`]*$)"))
        {
            if (line.Length + 1 + word.Length <= 120)
            {
                line = $"{line} {word}";
                continue;
            }
            lines.Append(line).Append('\n');
            line = $"  {word}";
        }
        return lines.Append(line).Append('\n').ToString();
    }

    [Fact]
    public void The_example_of_a_sweep_works_as_it_stands()
    {
        using var folder = new TemporaryFolder();
        var example = File.ReadAllText(Path.Combine(Source.Root, "docs", "spec.md"))
            .Split('\n')
            .SkipWhile(line => line != "    name = \"mine\"")
            .TakeWhile(line => line.Length == 0 || line.StartsWith("    ", StringComparison.Ordinal));
        File.WriteAllLines(folder["mine.toml"], example.Select(line => line.Trim()));
        var sweep = SweepSpecReader.Read(folder["mine.toml"], []);
        var probes = SweepPlanner
            .SpecsToCalibrate(sweep, 1)
            .ToDictionary(Calibration.Id, spec => SampleRecords.Calibration(Calibration.Id(spec)));
        Assert.Equal(36, SweepPlanner.Plan(sweep, 1, probes, "").Cells.Count);
    }

    private static string Default(SpecKey key) =>
        key.Default switch
        {
            _ when key.Path == "threads" => "processors",
            string text => $"`\"{text}\"`",
            bool flag => flag ? "`true`" : "`false`",
            IReadOnlyList<int> list => $"`[{string.Join(", ", list)}]`",
            IReadOnlyList<double> list => $"`[{string.Join(", ", list)}]`",
            IReadOnlyList<RateChange> or IReadOnlyList<string> => "`[]`",
            IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
            _ => "",
        };
}
