using Gyre.Lab.RunFiles;

namespace Gyre.Tests.TestKit;

/// <summary>What of a sweep must be equal byte for byte, whatever happened to its processes.</summary>
internal static class SweepBytes
{
    public static void AssertSame(string expected, string actual)
    {
        var (cells, others) = (SweepReader.Open(expected).ReadCells(), SweepReader.Open(actual).ReadCells());
        if (!cells.Select(cell => cell.Cell.Folder).SequenceEqual(others.Select(cell => cell.Cell.Folder)))
            throw new InvalidOperationException($"{actual} has other cells than {expected}");
        foreach (var (cell, other) in cells.Zip(others))
        {
            if ((cell.Status, other.Status) != (RunStatus.Finished, RunStatus.Finished))
                throw new InvalidOperationException(
                    $"{cell.Cell.Folder} is {cell.Status} in {expected} and {other.Status} in {actual}"
                );
            RunBytes.AssertSame(cell.Run!.Folder, other.Run!.Folder);
        }
    }
}
