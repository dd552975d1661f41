using Gyre.Lab.Runs;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>What of a sweep must be equal byte for byte, whatever happened to its processes.</summary>
internal static class SweepBytes
{
    public static void AssertSame(string expected, string actual)
    {
        var (cells, others) = (SweepReader.Open(expected).Cells(), SweepReader.Open(actual).Cells());
        Assert.Equal(cells.Select(cell => cell.Cell.Folder), others.Select(cell => cell.Cell.Folder));
        foreach (var (cell, other) in cells.Zip(others))
        {
            Assert.Equal((RunStatus.Finished, RunStatus.Finished), (cell.Status, other.Status));
            RunBytes.AssertSame(cell.Run!.Folder, other.Run!.Folder);
        }
    }
}
