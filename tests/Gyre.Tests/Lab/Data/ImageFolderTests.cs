using Gyre.Lab.Data;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.Lab.Data;

/// <summary>Which files of a folder count: every one is read, or told, or hidden.</summary>
public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CacheIn _cache;

    public ImageFolderTests() => _cache = new CacheIn(_folder[".cache"]);

    public void Dispose()
    {
        _cache.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Pictures_are_read_at_any_depth_and_under_every_ending_of_their_kinds()
    {
        Add("cat/1.png", "cat/2.JPG", "dog/2024/may/3.jfif", "dog/4.gif", "dog/5.dib");
        var data = Read();
        Assert.Equal([0, 0, 1, 1, 1], data.Train.Labels);
        Assert.Empty(data.Remarks);
    }

    [Fact]
    public void What_is_not_read_is_told_with_numbers_and_endings()
    {
        Add(
            "cat/1.png",
            "dog/2.png",
            "dog/scan.tif",
            "dog/deep/scan.TIF",
            "dog/raw.ppm",
            "dog/label",
            "dog/.hidden",
            "dog/Thumbs.db",
            "readme.txt"
        );
        Assert.Contains(
            "training: not read: 5 files (2 .tif, 1 .ppm, 1 .txt outside the class folders, 1 without an "
                + "extension) in \"dog\"",
            Assert.Single(Read().Remarks),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_class_without_pictures_is_told()
    {
        Add("cat/1.png", "dog/2.png");
        Directory.CreateDirectory(_folder["eel"]);
        Assert.Contains(
            "training: there is no image of \"eel\"",
            Assert.Single(Read().Remarks),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Links_to_folders_are_told_and_not_followed()
    {
        Add("cat/1.png", "dog/2.png");
        Directory.CreateSymbolicLink(_folder["dog/again"], _folder.Path);
        Assert.Contains("1 link to a folder", Assert.Single(Read().Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_are_found_in_either_case_and_folders_beside_them_are_told()
    {
        Add(
            "Train/cat/1.png",
            "Train/dog/2.png",
            "Test/cat/3.png",
            "val/cat/4.png",
            "extra/5.png",
            "6.png",
            "Train/.git/7.png",
            "Test/.git/8.png"
        );
        var data = Read();
        Assert.Equal((2, 1), (data.Train.Count, data.Test!.Count));
        Assert.Contains(
            data.Remarks,
            remark =>
                remark.StartsWith(
                    "not read: the folders \"extra\", \"val\"; Test is the test set",
                    StringComparison.Ordinal
                )
        );
        Assert.Contains(
            data.Remarks,
            remark =>
                remark.StartsWith("not read: 1 file (1 .png), outside the class folders", StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Classes_that_look_like_parts_are_told()
    {
        Add("test/1.png", "val/2.png");
        Assert.Contains(
            "every folder is a class, including \"test\", \"val\"",
            Assert.Single(Read().Remarks),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_folder_without_pictures_says_what_is_there()
    {
        Add("cat/1.tiff", "dog/2.tiff");
        Assert.Contains("2 files (2 .tiff)", Assert.Throws<DataException>(Read).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_to_no_file_is_refused_by_name()
    {
        Add("cat/1.png", "dog/2.png");
        File.CreateSymbolicLink(_folder["dog/3.png"], _folder["nowhere.png"]);
        Assert.Contains("3.png is a broken link", Assert.Throws<DataException>(Read).Message, StringComparison.Ordinal);
    }

    private DataSet Read() => ImageFolder.Read(new DataRequest(_folder.Path) { Size = 1 });

    /// <summary>The same picture at every path: what a file is, its first bytes say.</summary>
    private void Add(params string[] paths)
    {
        foreach (var path in paths)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_folder[path])!);
            File.WriteAllBytes(_folder[path], PictureBytes.Png(1, 1, 1, [5]));
        }
    }
}
