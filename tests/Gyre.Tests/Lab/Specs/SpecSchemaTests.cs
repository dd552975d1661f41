using System.Reflection;
using Gyre.Lab.Keys;
using Gyre.Lab.Specs;

namespace Gyre.Tests.Lab.Specs;

public class SpecSchemaTests
{
    public static TheoryData<string> Paths => [.. SpecSchema.Keys.Select(key => key.Path)];

    [Fact]
    public void A_property_alone_makes_a_key()
    {
        var keys = SpecSchema.KeysOf(new Section(), "section.", null).ToArray();
        Assert.Equal(["section.new_key", "section.own_name", "section.group.inner"], keys.Select(key => key.Path));
        Assert.Equal([SpecKind.Whole, SpecKind.Text, SpecKind.Numbers], keys.Select(key => key.Kind));
        Assert.Equal([3, "b"], keys[..2].Select(key => key.Default));
        Assert.Equal("an integer from 1 to 9", keys[0].Allowed);
        Assert.Equal("\"a\", \"b\", \"own\"", keys[1].Allowed);
        Assert.Equal("\"a\", \"b\"", keys[1].Offered);
        Assert.Equal("b", keys[0].Use!.Needed);
        Assert.Equal("a list of numbers, each above 0", keys[2].Allowed);
    }

    [Fact]
    public void Every_property_that_a_spec_holds_is_a_key_or_a_section() => Assert.Empty(Undeclared(typeof(RunSpec)));

    [Fact]
    public void A_property_without_a_declaration_is_found() =>
        Assert.Equal(["Incomplete.Forgotten"], Undeclared(typeof(Incomplete)));

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_value_that_is_not_the_default_is_written_and_read_back(string path)
    {
        var (key, plain) = (SpecSchema.Get(path), SpecText.Write(new RunSpec()));
        var (spec, other) = (new RunSpec(), Other(key));
        key.Place.Set(spec, other);
        var text = SpecText.Write(spec);
        var mistakes = new List<SpecMistake>();
        var again = SpecReader.FromKeys(SpecToml.Keys(text, "spec.toml", mistakes), mistakes);
        Assert.Empty(mistakes);
        Assert.Equal(text, SpecText.Write(again));
        Assert.Equal(SpecText.Value(other), SpecText.ValueOf(again, path));
        Assert.Single(text.Split('\n').Except(plain.Split('\n')));
        Assert.Equal(plain, SpecText.Write(new RunSpec())); // no two specs share a section
    }

    /// <summary>Properties that can be set and that are neither a key nor a section.</summary>
    private static IEnumerable<string> Undeclared(Type record) =>
        record
            .GetProperties()
            .Where(property => property.CanWrite)
            .Where(property => !property.IsDefined(typeof(SpecKeyAttribute)))
            .SelectMany(property =>
                property.IsDefined(typeof(SpecSectionAttribute))
                    ? Undeclared(property.PropertyType)
                    : [$"{record.Name}.{property.Name}"]
            );

    /// <summary>A value that is allowed and is not the default.</summary>
    private static object Other(SpecKey key) =>
        key.Kind switch
        {
            SpecKind.Flag => !(bool)key.Default,
            SpecKind.Text => key.Choices?.First(choice => !choice.Equals(key.Default)) ?? "other",
            SpecKind.Whole => (int)key.Default + ((int)key.Default < key.Most ? 1 : -1),
            SpecKind.Number => ((double)key.Default + Math.Min(key.Most, (double)key.Default + 1)) / 2,
            SpecKind.Wholes => new[] { 3, 5 },
            SpecKind.Numbers => new[] { 0.5, 0.25 },
            SpecKind.Texts => new[] { "one", "two" },
            _ => new[] { new RateChange(2, 0.25) },
        };

    private sealed record Section
    {
        [SpecKey("help", Least = 1, Most = 9, UsedWhere = "section.own_name", UsedWithFrom = nameof(Later))]
        public int NewKey { get; init; } = 3;

        [SpecKey("help", Name = "own_name", Choices = ["a", "b"], OrOwn = true)]
        public string Second { get; init; } = "b";

        [SpecSection("group.")]
        public Group? Third { get; init; }

        public bool IsNoKey => NewKey == 3;

        private static IReadOnlyList<string> Later => ["b"];
    }

    private sealed record Group
    {
        [SpecKey("help", Above = 0)]
        public IReadOnlyList<double> Inner { get; init; } = [];
    }

    private sealed record Incomplete
    {
        [SpecKey("help")]
        public bool Declared { get; init; }

        public bool Forgotten { get; init; }
    }
}
