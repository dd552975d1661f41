namespace Gyre.Lab.Quantities;

/// <summary>
/// The colors of every figure and chart, distinguishable with any kind of color vision (Okabe and Ito 2008). In
/// black-and-white print, lines differ by marker, width or order.
/// </summary>
internal static class OkabeIto
{
    public const string Black = "#000000";
    public const string Gray = "#8C8C8C";
    public const string LightGray = "#999999";
    public const string Yellow = "#F0E442";
    public const string Orange = "#E69F00";
    public const string Sky = "#56B4E9";
    public const string Green = "#009E73";
    public const string Blue = "#0072B2";
    public const string Vermilion = "#D55E00";
    public const string Purple = "#CC79A7";
    public const string White = "#FFFFFF";

    private static readonly string[] OnAnyGround = [Blue, Vermilion, Green, Orange, Purple, Sky, Gray];

    /// <summary>
    /// Returns the color of a line by its index. The colors are visible on light and dark backgrounds, and repeat
    /// after seven.
    /// </summary>
    public static string At(int number) => OnAnyGround[number % OnAnyGround.Length];
}
