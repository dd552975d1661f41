using System.Globalization;
using Gyre.Lab.Specs;

namespace Gyre.App.Terminal;

/// <summary>Whole numbers of options, held to a range.</summary>
internal static class OptionRange
{
    /// <summary>Notes a mistake where the value lies outside.</summary>
    public static void Hold(List<SpecMistake> mistakes, string option, int value, int least, int most)
    {
        if (value < least || value > most)
            mistakes.Add(
                new(
                    option,
                    string.Create(CultureInfo.InvariantCulture, $"{value} is not a whole number from {least} to {most}")
                )
            );
    }
}
