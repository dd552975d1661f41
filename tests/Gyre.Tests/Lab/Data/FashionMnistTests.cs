using Gyre.Lab.Data;

namespace Gyre.Tests.Lab.Data;

public sealed class FashionMnistTests
{
    private static readonly DataSet Shipped = FashionMnist.Shipped();

    [Fact]
    public void Five_hundred_training_and_a_thousand_test_images_of_each_class_ship()
    {
        Assert.Equal((5000, 10_000), (Shipped.Train.Count, Shipped.Test!.Count));
        Assert.All(Shipped.Train.ClassCounts(10), count => Assert.Equal(500, count));
        Assert.All(Shipped.Test!.ClassCounts(10), count => Assert.Equal(1000, count));
        Assert.Equal([28, 28], Shipped.Train.SampleShape);
        Assert.Contains("Zalando", Shipped.Attribution);
    }

    /// <summary>Checksums of the published test set, unzipped, taken from its files and not by this program.</summary>
    [Fact]
    public void The_test_set_is_the_published_one_byte_for_byte()
    {
        var test = DataCheck.Run(Shipped, shipped: true).Parts[1];

        Assert.Equal("5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b", test.ImagesSha256);
        Assert.Equal("0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34", test.LabelsSha256);
        Assert.Equal("Fashion-MNIST, test set, whole", test.KnownAs);
    }

    /// <summary>
    /// The order of the published training set begins 9 0 0 3 0 2 7 2 5 5: ankle boot, T-shirt, T-shirt, dress, ...
    /// </summary>
    [Fact]
    public void The_training_part_keeps_the_published_order() =>
        Assert.Equal(new[] { 9, 0, 0, 3, 0, 2, 7, 2, 5, 5 }, Shipped.Train.Labels[..10]);

    /// <summary>
    /// 0.2860 and 0.3530 are the whole training set's, as published in many pipelines; 5,000 images come within a
    /// percent of them.
    /// </summary>
    [Fact]
    public void The_pixels_of_the_training_part_have_nearly_the_moments_of_the_whole()
    {
        var (mean, deviation) = Assert.Single(Shipped.Train.PixelMoments([.. Enumerable.Range(0, 5000)]));

        Assert.Equal(0.2860, mean, 0.003);
        Assert.Equal(0.3530, deviation, 0.003);
    }

    [Fact]
    public void The_check_finds_no_fault_and_says_what_the_files_are()
    {
        var report = DataCheck.Run(Shipped, shipped: true);

        Assert.Empty(report.Faults);
        Assert.All(report.Parts, part => Assert.NotNull(part.KnownAs));
    }

    [Fact]
    public void One_changed_pixel_is_a_fault_of_shipped_data_and_none_of_the_users_own()
    {
        byte[] pixels = Shipped.Test!.Pixels.ToArray();
        pixels[12345] ^= 1;
        var changed = Shipped with { Test = Shipped.Test with { Pixels = new MemoryPixels(pixels, 784) } };

        Assert.Contains("test: the checksums", Assert.Single(DataCheck.Run(changed, shipped: true).Faults));
        Assert.Empty(DataCheck.Run(changed, shipped: false).Faults);
    }

    [Fact]
    public void Repeated_and_shared_images_unequal_classes_and_absent_ones_are_reported()
    {
        var train = new LabeledImages([1, 2, 1, 2, 3, 4], [2], [0, 0, 1]);
        var test = new LabeledImages([3, 4, 5, 6], [2], [0, 0]);

        var report = DataCheck.Run(new DataSet("tiny", 2, train, test, "nobody"), shipped: false);

        Assert.Contains(
            report.Remarks,
            remark => remark == "training: 1 image equals an earlier one, pixel for pixel."
        );
        Assert.Contains(
            report.Remarks,
            remark => remark.StartsWith("test: 1 image is in the training set as well", StringComparison.Ordinal)
        );
        Assert.Contains(report.Remarks, remark => remark == "training: classes have unequal sizes, 1 to 2 samples.");
        Assert.Equal(
            "test: no sample of class 1; balanced subsets are impossible and accuracies mislead.",
            Assert.Single(report.Faults)
        );
    }

    [Fact]
    public void Images_all_of_one_grey_are_a_fault()
    {
        var grey = new LabeledImages([7, 7, 7, 7], [2], [0, 1]);

        Assert.Equal(
            2,
            DataCheck
                .Run(new DataSet("grey", 2, grey, grey, ""), shipped: false)
                .Faults.Count(fault => fault.Contains("every pixel is the same", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void A_path_for_shipped_data_is_refused_with_the_cure() =>
        Assert.Contains(
            "data.name = \"idx\"",
            Assert
                .Throws<DataException>(() => DataCatalog.Get("fashion-mnist").Read(new DataRequest("somewhere")))
                .Message
        );

    [Fact]
    public void The_catalog_names_what_it_has_when_asked_for_what_it_has_not()
    {
        Assert.Equal(
            [
                "fashion-mnist",
                "fashion-mnist-full",
                "mnist",
                "kmnist",
                "idx",
                "cifar-10",
                "cifar-100",
                "images",
                "arrays",
                "table",
                "text",
                "two-moons",
                "chebyshev",
                "targets",
            ],
            DataCatalog.Names
        );
        Assert.Contains(
            "fashion-mnist, fashion-mnist-full",
            Assert.Throws<DataException>(() => DataCatalog.Get("digits")).Message
        );
    }
}
