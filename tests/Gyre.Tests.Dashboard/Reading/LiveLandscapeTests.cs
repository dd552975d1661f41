using Gyre.Dashboard.Reading;
using Gyre.Lab.RunFiles;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Dashboard.Reading;

/// <summary>A landscape is followed while it is evaluated, whatever state its folder is in.</summary>
public class LiveLandscapeTests
{
    private const string OneSlice = "{\"run\":\"a\",\"slices\":[{\"name\":\"a\",\"origin\":\"step\",\"axes\":[";

    private readonly Moments _clock = new();

    [Fact]
    public void Losses_lie_where_the_grid_has_them()
    {
        using var place = new TemporaryFolder();
        var seen = Follow(SyntheticLandscape.Write(place["a"], record: SyntheticLandscape.Record)).Look();
        Assert.Empty(seen.Flaws);
        Assert.NotNull(seen.Record);
        Assert.Equal((17, 17), (seen.Done, seen.Planned));
        foreach (var slice in SyntheticLandscape.Grid.Slices)
            Assert.Equal(
                Enumerable.Range(0, (int)slice.Points).Select(number => SyntheticLandscape.Loss(slice.Place(number))),
                seen.Losses[slice.Name]
            );
    }

    [Fact]
    public void What_is_not_evaluated_yet_is_not_a_number_and_comes_when_it_is_and_what_was_handed_out_stays()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticLandscape.Write(place["a"], 7);
        var live = Follow(folder);
        var before = live.Look();
        Assert.Equal((7, false), (before.Done, before.Written));
        Assert.True(double.IsNaN(before.Losses["plane-v1-v2"][2]));
        File.AppendAllText(folder.PointsFile, "{\"slice\":\"plane-v1");
        Assert.Equal(7, Next(live).Done);
        File.AppendAllText(folder.PointsFile, "-v2\",\"number\":2,\"loss\":3.5}\n");
        var after = Next(live);
        Assert.Equal((8, 3.5), (after.Done, after.Losses["plane-v1-v2"][2]));
        Assert.True(double.IsNaN(before.Losses["plane-v1-v2"][2]));
        folder.Save(SyntheticLandscape.Record);
        Assert.NotNull(Next(live).Record);
    }

    [Fact]
    public void Another_grid_begins_anew()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticLandscape.Write(place["a"]);
        var live = Follow(folder);
        live.Look();
        var other = SyntheticLandscape.Grid with { Step = 5, Slices = [SyntheticLandscape.Grid.Slices[0]] };
        folder.Open(other);
        folder.Append(new LandscapePoint("line-v1", 0, 9));
        var seen = Next(live);
        Assert.Equal((5, 1, 5), (seen.Grid!.Step, seen.Done, seen.Planned));
        Assert.Equal(9, seen.Losses["line-v1"][0]);
        Assert.DoesNotContain("plane-v1-v2", seen.Losses.Keys);
    }

    [Fact]
    public void Points_of_no_slice_and_lines_that_are_none_are_counted_and_left_out()
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticLandscape.Write(place["a"]);
        File.AppendAllText(
            folder.PointsFile,
            "nonsense\n{\"slice\":\"elsewhere\",\"number\":0,\"loss\":1}\n"
                + "{\"slice\":\"line-v1\",\"number\":99,\"loss\":1}\n{\"slice\":null,\"number\":-1,\"loss\":1}\n"
        );
        var seen = Follow(folder).Look();
        Assert.Equal(17, seen.Done);
        Assert.Contains("4 lines", Assert.Single(seen.Flaws), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"run\":null,\"slices\":[]}")]
    [InlineData("{\"run\":\"a\",\"slices\":null}")]
    [InlineData("{\"run\":\"a\",\"slices\":[null]}")]
    [InlineData(
        "{\"run\":\"a\",\"slices\":[{\"name\":\"a\\\"<b>\",\"origin\":\"step\","
            + "\"axes\":[{\"direction\":\"v1\",\"low\":0,\"high\":1,\"points\":5}]}]}"
    )]
    [InlineData(OneSlice + "]}]}")]
    [InlineData(OneSlice + "{\"direction\":\"v1\",\"low\":0,\"high\":1,\"points\":2000000000}]}]}")]
    [InlineData(OneSlice + "{\"direction\":\"v1\",\"low\":1,\"high\":0,\"points\":5}]}]}")]
    [InlineData(
        OneSlice
            + "{\"direction\":\"v1\",\"low\":0,\"high\":1,\"points\":9000},"
            + "{\"direction\":\"v2\",\"low\":0,\"high\":1,\"points\":9000}]}]}"
    )]
    public void A_grid_that_is_none_is_said_to_be_none(string text)
    {
        using var place = new TemporaryFolder();
        var folder = SyntheticLandscape.Write(place["a"], record: SyntheticLandscape.Record);
        File.WriteAllText(folder.GridFile, text);
        var seen = Follow(folder).Look();
        Assert.Null(seen.Grid);
        Assert.Contains("grid.json", Assert.Single(seen.Flaws), StringComparison.Ordinal);
    }

    [Fact]
    public void A_record_that_is_torn_or_newer_or_of_another_grid_leaves_the_losses()
    {
        using var place = new TemporaryFolder();
        var whole = RunJson.Pretty(SyntheticLandscape.Record);
        foreach (
            var (text, expected) in new[]
            {
                (whole[..(whole.Length / 2)], "is malformed"),
                (whole.Replace("\"format\": 1", "\"format\": 9", StringComparison.Ordinal), "has format 9"),
                (
                    RunJson.Pretty(SyntheticLandscape.Record with { Grid = SyntheticLandscape.Grid with { Step = 5 } }),
                    "another grid"
                ),
                (
                    RunJson.Pretty(
                        SyntheticLandscape.Record with
                        {
                            Iterates = new Dictionary<string, IReadOnlyList<PlacedIterate>>(),
                        }
                    ),
                    "is malformed"
                ),
                (RunJson.Pretty(SyntheticLandscape.Record with { Eigenvalues = [] }), "is malformed"),
                (
                    whole.Replace(
                        "\"variance_shares\": [",
                        "\"variance_shares\": null, \"x\": [",
                        StringComparison.Ordinal
                    ),
                    "is malformed"
                ),
                ("", "is malformed"),
            }
        )
        {
            var folder = SyntheticLandscape.Write(place[Guid.NewGuid().ToString()]);
            File.WriteAllText(folder.RecordFile, text);
            var seen = Follow(folder).Look();
            Assert.Equal((true, null, 17), (seen.Written, seen.Record, seen.Done));
            Assert.Contains(expected, Assert.Single(seen.Flaws), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_folder_that_is_deleted_leaves_what_was_read_of_it()
    {
        using var place = new TemporaryFolder();
        var live = Follow(SyntheticLandscape.Write(place["a"]));
        live.Look();
        Directory.Delete(place["a"], recursive: true);
        var seen = Next(live);
        Assert.Equal((true, 17), (seen.Gone, seen.Done));
    }

    [Fact]
    public void A_run_knows_the_landscapes_that_were_made_of_it_whatever_their_folders_are_called()
    {
        using var place = new TemporaryFolder();
        SyntheticLandscape.Write(place["elsewhere/any-name"]);
        Directory.CreateDirectory(place["landscape/torn"]);
        File.WriteAllText(place["landscape/torn/grid.json"], "{");
        var library = new RunLibrary(new ServedFolder(place.Path), _clock);
        Assert.Equal([("elsewhere/any-name", 4L)], library.LandscapesOf($"runs/{SyntheticLandscape.Run}"));
        Assert.Empty(library.LandscapesOf("runs/alpha"));
    }

    private LiveLandscape Follow(LandscapeFolder folder) => new("a", folder, _clock);

    private LandscapeSnapshot Next(LiveLandscape live)
    {
        _clock.Pass(TimeSpan.FromSeconds(1));
        return live.Look();
    }
}
