using Gyre.Dashboard.Reading;
using Gyre.Lab.Dynamics;
using Gyre.Lab.Figures;
using Gyre.Lab.Quantities;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// The style of an outcome. Outcomes differ in color, and also in marker or letter, for readers without color.
/// </summary>
/// <param name="Name">The outcome, or running, stopped or unreadable.</param>
/// <param name="Letter">The letter, for places without room for the name.</param>
/// <param name="Color">Color as #RRGGBB.</param>
/// <param name="Mark">The marker.</param>
internal sealed record OutcomeStyle(string Name, string Letter, string Color, LineMark Mark)
{
    private const string Olive = "#B8B04A";

    /// <summary>All styles, in the order of legends.</summary>
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

    /// <summary>Returns the index in <see cref="All"/>; the index of mixed for an unknown name.</summary>
    public static int Number(string name)
    {
        for (var i = 0; i < All.Count; i++)
        {
            if (All[i].Name == name)
                return i;
        }
        return Number("mixed");
    }

    /// <summary>Returns the style with a name.</summary>
    public static OutcomeStyle Get(string name) => All[Number(name)];

    /// <summary>Explains the letters that occur.</summary>
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
