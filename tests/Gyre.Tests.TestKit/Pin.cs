namespace Gyre.Tests.TestKit;

/// <summary>Text that must not change unless someone means it to: kept in a file and compared with it.</summary>
public static class Pin
{
    /// <summary>
    /// The file's text is this text. With GYRE_WRITE_PINS=1 the file is written instead, for a review of its
    /// difference.
    /// </summary>
    /// <param name="path">The file, from the root of the checkout.</param>
    /// <param name="actual">The text.</param>
    public static void Check(string path, string actual)
    {
        var file = Path.Combine(Source.Root, path);
        if (Environment.GetEnvironmentVariable("GYRE_WRITE_PINS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }
        var pinned = File.Exists(file) ? File.ReadAllText(file) : "";
        if (pinned == actual)
            return;
        var (before, now) = (pinned.Split('\n'), actual.Split('\n'));
        var changes = now.Except(before)
            .Take(5)
            .Select(line => "+ " + line)
            .Concat(before.Except(now).Take(5).Select(line => "- " + line));
        throw new InvalidOperationException(
            $"{path} has another text. If the change is meant, write it with GYRE_WRITE_PINS=1 and review the "
                + $"difference:\n{string.Join('\n', changes)}"
        );
    }
}
