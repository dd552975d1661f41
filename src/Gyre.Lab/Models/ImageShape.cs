namespace Gyre.Lab.Models;

/// <summary>What a network of images reads: <c>[N, H, W]</c> or <c>[N, C, H, W]</c>.</summary>
internal sealed record ImageShape(long Channels, long Height, long Width)
{
    /// <summary>The image that a sample is.</summary>
    /// <exception cref="ModelException">A sample has another number of dimensions.</exception>
    public static ImageShape FromRequest(ModelRequest request, string model) =>
        request.InputShape switch
        {
            [var height, var width] => new(1, height, width),
            [var channels, var height, var width] => new(channels, height, width),
            var other => throw new ModelException(
                $"model.name = \"{model}\" reads images, [H, W] or [C, H, W], and a sample of this data is "
                    + $"[{string.Join(", ", other)}]. model.name = \"mlp\" takes any numbers."
            ),
        };

    /// <summary>The image after so many halvings, each rounded down.</summary>
    /// <exception cref="ModelException">Nothing would be left of it.</exception>
    public (long Height, long Width) Halved(int times, string model) =>
        Math.Min(Height, Width) >> times > 0
            ? (Height >> times, Width >> times)
            : throw new ModelException(
                $"model.name = \"{model}\" halves the image {times} times, so it needs "
                    + $"{1 << times}×{1 << times} pixels or more; an image of this data has {Height}×{Width}. "
                    + "Choose a network that halves less often, such as \"resnet\" or \"cnn\" with fewer widths."
            );
}
