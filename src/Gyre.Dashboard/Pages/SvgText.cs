using System.Globalization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace Gyre.Dashboard.Pages;

/// <summary>
/// Text in a drawing. Razor pages cannot use the element itself, since its name has another meaning there.
/// </summary>
public sealed class SvgText : ComponentBase
{
    /// <summary>Horizontal position.</summary>
    [Parameter]
    public double X { get; set; }

    /// <summary>Vertical position.</summary>
    [Parameter]
    public double Y { get; set; }

    /// <summary>The anchor: start, middle or end.</summary>
    [Parameter]
    public string Anchor { get; set; } = "start";

    /// <summary>Class for the stylesheet.</summary>
    [Parameter]
    public string? Class { get; set; }

    /// <summary>The text.</summary>
    [Parameter]
    public string Text { get; set; } = "";

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.OpenElement(0, "text");
        builder.AddAttribute(1, "x", X.ToString("0.##", CultureInfo.InvariantCulture));
        builder.AddAttribute(2, "y", Y.ToString("0.##", CultureInfo.InvariantCulture));
        builder.AddAttribute(3, "text-anchor", Anchor);
        builder.AddAttribute(4, "class", Class);
        builder.AddContent(5, Text);
        builder.CloseElement();
    }
}
