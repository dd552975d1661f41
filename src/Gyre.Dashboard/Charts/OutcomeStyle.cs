using Gyre.Dashboard.Reading;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Figures;
using Gyre.Lab.Quantities;

namespace Gyre.Dashboard.Charts;

/// <summary>How an outcome is drawn: told apart by color, and without color by mark and letter.</summary>
/// <param name="Name">The outcome; or running, stopped, unreadable.</param>
/// <param name="Letter">Where there is no room for the name.</param>
/// <param name="Color">As #RRGGBB.</param>
/// <param name="Mark">At a point.</param>
internal sealed record OutcomeStyle(string Name, string Letter, string Color, LineMark Mark)
{
    private const string Olive = "#B8B04A";

    /// <summary>Every one, in the order of legends.</summary>
    public static IReadOnlyList<OutcomeStyle> All { get; } =
    [
        Create(OutcomeNames.Stable, OkabeIto.Blue, LineMark.Circle),
        Create("edge of stability", OkabeIto.Green, LineMark.Square),
        Create(OutcomeNames.Catapult, OkabeIto.Orange, LineMark.Triangle),
        Create(OutcomeNames.Resolved, OkabeIto.Purple, LineMark.Diamond),
        Create(OutcomeNames.Unresolved, OkabeIto.Vermilion, LineMark.TriangleDown),
        Create(OutcomeNames.Diverged, OkabeIto.Gray, LineMark.Cross),
        Create(OutcomeNames.Unmeasured, OkabeIto.Gray, LineMark.Plus),
        Create("mixed", Olive, LineMark.OpenDiamond),
        new(RunRow.Running, "…", OkabeIto.Sky, LineMark.OpenCircle),
        new(RunRow.Stopped, "‖", OkabeIto.Gray, LineMark.OpenSquare),
        new(RunRow.Unreadable, "!", OkabeIto.Gray, LineMark.OpenDiamond),
    ];

    /// <summary>Number in the list; that of mixed for a name that is not in it.</summary>
    public static int Number(string name)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i].Name == name)
                return i;
        }
        return Number("mixed");
    }

    /// <summary>By name.</summary>
    public static OutcomeStyle Get(string name) => All[Number(name)];

    /// <summary>What letters stand for, those that are seen.</summary>
    public static string Key(IEnumerable<string> names) =>
        string.Join(
            ", ",
            names
                .Distinct()
                .OrderBy(Number)
                .Select(name => $"{Get(name).Letter} {name}{(name == "mixed" ? " (seeds differ)" : "")}")
        );

    private static OutcomeStyle Create(string name, string color, LineMark mark) =>
        new(name, OutcomeRegions.Letter(name), color, mark);
}
