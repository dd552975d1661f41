using System.Globalization;
using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>What is said of lines that are no records.</summary>
internal static class LineFlaw
{
    /// <summary>A sentence with their number, and where the first is.</summary>
    /// <param name="file">Their file's path or name.</param>
    /// <param name="count">How many; at least one.</param>
    /// <param name="first">Number of the first; 0 where it is not known.</param>
    public static string Describe(string file, long count, long first)
    {
        var number = first.ToString(CultureInfo.InvariantCulture);
        if (count == 1)
            return $"{file}: {(first > 0 ? $"line {number}" : "1 line")} is not what it should be, and left out.";
        return $"{file}: {Counted.Format(count, "line is", "lines are")} not what they should be, and left out"
            + (first > 0 ? $"; the first is line {number}." : ".");
    }
}
