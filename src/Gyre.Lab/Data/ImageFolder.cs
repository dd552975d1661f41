using Gyre.Torch;

namespace Gyre.Lab.Data;

/// <summary>
/// A folder of image files in one folder per class, at any depth, as in ImageNet. Every file that is not read is
/// reported, except hidden ones.
/// </summary>
internal static class ImageFolder
{
    private static readonly string[] TrainNames = ["train", "training"];
    private static readonly string[] TestNames = ["test", "val", "validation", "valid", "testing"];

    /// <summary>Reads train/CLASS/… with test/CLASS/… or val/CLASS/…, or CLASS/… alone, without a test set.</summary>
    /// <exception cref="DataException">No classes, a damaged image, or an unwritable cache.</exception>
    public static DataSet Read(DataRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var (path, place) = (request.Path, UserFile.Shown(request.Path, UserFile.PathLetters));
        if (!Directory.Exists(path))
            throw new DataException(
                $"data.path = \"{place}\" is not a folder. It must contain train/CLASS/… with image "
                    + "files, or CLASS/…."
            );
        var (top, train, test, classes) = Parts(path);
        if (classes.Count < 2)
            throw new DataException(
                $"{UserFile.Shown(Path.Combine(path, train ?? ""), UserFile.PathLetters)} has "
                    + $"{(classes.Count == 0 ? "no folder" : $"the folder {UserFile.Names([.. classes])} alone")}: "
                    + "every "
                    + "class needs one with its image files, and there must be at least two classes."
            );
        if (
            test is not null
            && FoundPictures.Folders(Path.Combine(path, test)).Except(classes).FirstOrDefault() is { } foreign
        )
            throw new DataException(
                $"{UserFile.Shown(Path.Combine(path, test), UserFile.PathLetters)} has a class "
                    + $"\"{UserFile.Shown(foreign)}\" that {train} does not have."
            );
        var (training, told) = Part(Path.Combine(path, train ?? ""), "training", classes, request.Size);
        var (held, toldOfTest) = test is null
            ? (null, [])
            : Part(Path.Combine(path, test), "test", classes, request.Size);
        return new DataSet(
            "images",
            classes.Count,
            training,
            held,
            $"images of {Path.GetFullPath(path)}, resized to {request.Size}×{request.Size}"
        )
        {
            ClassNames = [.. classes.Select(name => UserFile.Shown(name))],
            Remarks = [.. Layout(path, top, train, test), .. told, .. toldOfTest],
        };
    }

    /// <summary>Every image that is read, of training and test set.</summary>
    public static IReadOnlyList<string> Files(string path)
    {
        var (_, train, test, classes) = Parts(path);
        string[] parts = test is null ? [train ?? ""] : [train!, test];
        return
        [
            .. parts
                .SelectMany(part => FoundPictures.In(Path.Combine(path, part), classes).Files)
                .Select(one => one.File),
        ];
    }

    /// <summary>The top-level folders, those of the two sets among them, and the classes.</summary>
    private static (IReadOnlyList<string> Top, string? Train, string? Test, IReadOnlyList<string> Classes) Parts(
        string path
    )
    {
        var top = FoundPictures.Folders(path);
        var train = Named(top, TrainNames);
        var test = train is null ? null : Named(top, TestNames);
        return (top, train, test, train is null ? top : FoundPictures.Folders(Path.Combine(path, train)));
    }

    /// <summary>Describes files that are not read, and folders that may have been misread.</summary>
    private static IEnumerable<string> Layout(string path, IReadOnlyList<string> top, string? train, string? test)
    {
        string[] parts = [.. top.Where(name => TestNames.Contains(name, StringComparer.OrdinalIgnoreCase))];
        if (train is null && parts.Length > 0)
            yield return $"there is no folder train, so every folder is a class, including {UserFile.Names(parts)}";
        if (train is null)
            yield break;
        string[] left = [.. top.Where(name => name != train && name != test)];
        if (left.Length > 0)
            yield return $"not read: the {Counted.Noun(left.Length, "folder")} {UserFile.Names(left)}; "
                + $"{(test is null ? "there is no test set" : $"{UserFile.Shown(test)} is the test set")}";
        if (FoundPictures.Beside(path) is { } beside)
            yield return $"not read: {beside}, outside the class folders";
    }

    private static string? Named(IReadOnlyList<string> folders, string[] names) =>
        names
            .SelectMany(name => folders.Where(folder => folder.Equals(name, StringComparison.OrdinalIgnoreCase)))
            .FirstOrDefault();

    private static (LabeledImages Images, IEnumerable<string> Remarks) Part(
        string folder,
        string what,
        IReadOnlyList<string> classes,
        int size
    )
    {
        var found = FoundPictures.In(folder, classes);
        if (found.Files.Count == 0)
            throw new DataException(
                $"{UserFile.Shown(folder, UserFile.PathLetters)} has no image file in its folders; "
                    + $"{string.Join(", ", PictureDecoder.Extensions)} are "
                    + $"read.{(found.LeftOut is { } there ? $" It contains: {there}." : "")}"
            );
        var seen = found.Files.Select(one => one.Label).ToHashSet();
        string[] empty = [.. classes.Where((_, label) => !seen.Contains(label))];
        var (pixels, remarks) = ImageCache.Open([.. found.Files.Select(one => one.File)], size);
        var images = new LabeledImages(
            pixels,
            [PictureDecoder.Channels, size, size],
            [.. found.Files.Select(one => one.Label)]
        );
        var endings = string.Join(", ", PictureDecoder.Extensions);
        string[] left = found.LeftOut is { } words ? [$"not read: {words}; supported extensions: {endings}"] : [];
        string[] unseen = empty.Length > 0 ? [$"there is no image of {UserFile.Names(empty)}"] : [];
        return (images, left.Concat(unseen).Concat(remarks).Select(remark => $"{what}: {remark}"));
    }
}
