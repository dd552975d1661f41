namespace Gyre.Lab.Models;

/// <summary>The shape of the images that a network reads: <c>[N, H, W]</c> or <c>[N, C, H, W]</c>.</summary>
internal sealed record ImageShape(long Channels, long Height, long Width)
{
    /// <summary>Returns the image shape of a sample.</summary>
    /// <exception cref="ModelException">A sample does not have two or three dimensions.</exception>
    public static ImageShape FromRequest(ModelRequest request, string model) =>
        request.InputShape switch
        {
            [var height, var width] => new(1, height, width),
            [var channels, var height, var width] => new(channels, height, width),
            var other => throw new ModelException(
                $"model.name = \"{model}\" reads images, [H, W] or [C, H, W], but a sample of this data is "
                    + $"[{string.Join(", ", other)}]. model.name = \"mlp\" accepts any numbers."
            ),
        };

    /// <summary>Returns the size of the image after the given number of halvings, each rounded down.</summary>
    /// <exception cref="ModelException">The image is too small.</exception>
    public (long Height, long Width) Halved(int times, string model) =>
        Math.Min(Height, Width) >> times > 0
            ? (Height >> times, Width >> times)
            : throw new ModelException(
                $"model.name = \"{model}\" halves the image {times} times, so it needs "
                    + $"{1 << times}×{1 << times} pixels or more, but an image of this data has {Height}×{Width}. "
                    + "Choose a network that halves less often, such as \"resnet\" or \"cnn\" with fewer widths."
            );
}
