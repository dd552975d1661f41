using System.Globalization;
using Gyre.Torch;

namespace Gyre.Lab.RunFiles;

/// <summary>Describes lines that are not valid records.</summary>
internal static class LineFlaw
{
    /// <summary>Returns a sentence with the number of such lines and the position of the first.</summary>
    /// <param name="file">The file's path or name.</param>
    /// <param name="count">Number of such lines, at least one.</param>
    /// <param name="first">Line number of the first; 0 if it is not known.</param>
    public static string Describe(string file, long count, long first)
    {
        var number = first.ToString(CultureInfo.InvariantCulture);
        if (count == 1)
            return $"{file}: {(first > 0 ? $"line {number}" : "1 line")} is malformed, and is left out.";
        return $"{file}: {Counted.Format(count, "line is", "lines are")} malformed and left out"
            + (first > 0 ? $"; the first is line {number}." : ".");
    }
}
