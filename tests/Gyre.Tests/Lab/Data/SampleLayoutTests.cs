using Gyre.Lab.Data;

namespace Gyre.Tests.Lab.Data;

public sealed class SampleLayoutTests
{
    [Theory]
    [InlineData(new[] { 6, 6, 3 })]
    [InlineData(new[] { 28, 28, 1 })]
    [InlineData(new[] { 32, 48, 4 })]
    [InlineData(new[] { 4, 4, 3 })]
    [InlineData(new[] { 3, 3, 1 })]
    [InlineData(new[] { 64, 64, 10 })]
    public void Channels_that_look_last_are_told(int[] shape) =>
        Assert.Contains(
            $"read with channels first as {shape[0]} channels of {shape[1]} by {shape[2]}",
            SampleLayout.Remark(shape),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData(new[] { 3, 6, 6 })]
    [InlineData(new[] { 1, 28, 28 })]
    [InlineData(new[] { 3, 3, 3 })]
    [InlineData(new[] { 1, 8, 3 })]
    [InlineData(new[] { 1, 1, 5 })]
    [InlineData(new[] { 10, 64, 64 })]
    [InlineData(new[] { 6, 6, 6 })]
    [InlineData(new[] { 6, 3 })]
    [InlineData(new[] { 6, 6, 6, 3 })]
    public void Other_shapes_pass_without_a_word(int[] shape) => Assert.Null(SampleLayout.Remark(shape));

    [Fact]
    public void Every_source_that_is_read_by_the_catalog_is_looked_at()
    {
        var images = new DataSet("idx", 2, new LabeledImages(new byte[2 * 27], [3, 3, 3], [0, 1]), null, "");
        Assert.Empty(SampleLayout.Remarks(images));
        Assert.Single(
            SampleLayout.Remarks(images with { Train = new LabeledImages(new byte[2 * 48], [4, 4, 3], [0, 1]) })
        );
        var numbers = new NumberPart(new MemoryNumbers(new double[96], 48), [4, 4, 3], [0, 1], null);
        Assert.Single(SampleLayout.Remarks(new NumberSet("arrays", 2, numbers, null, "")));
    }
}
