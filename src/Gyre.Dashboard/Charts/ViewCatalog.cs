using Gyre.Dashboard.Reading;

namespace Gyre.Dashboard.Charts;

/// <summary>
/// The views that have charts, by the first part of their addresses. A view is one file and one entry here.
/// </summary>
internal static class ViewCatalog
{
    private static readonly Dictionary<string, Func<RunLibrary, ViewAddress, IReadOnlyList<Chart>?>> Views = new()
    {
        ["run"] = (library, address) =>
            library.Run(address.Key) is { } run
                ? [.. RunCharts.Create(run, address), .. OverlapOf(library, address)]
                : null,
        ["compare"] = (library, address) => CompareCharts.Create(CompareCharts.Runs(library, address), address),
        ["landscape"] = (library, address) =>
            library.Landscape(address.Key) is { } landscape ? LandscapeCharts.Create(landscape) : null,
        ["theory"] = (_, address) => TheoryCharts.Create(TheoryStudy.Create(TheoryState.Parse(address).State)),
        ["sweep"] = (library, address) =>
            library.Sweep(address.Key, whole: true) is { } sweep ? SweepCharts.Create(sweep, address) : null,
    };

    /// <summary>Returns the overlap map on request only, because it is read from many files.</summary>
    private static Chart[] OverlapOf(RunLibrary library, ViewAddress address) =>
        address["chart"] == OverlapChart.Id && OverlapChart.Read(library, address.Key).Chart is { } chart
            ? [chart]
            : [];

    /// <summary>Returns the charts of an address; null if there is nothing at it.</summary>
    public static IReadOnlyList<Chart>? Charts(RunLibrary library, ViewAddress address) =>
        Views.GetValueOrDefault(address.View)?.Invoke(library, address);
}
