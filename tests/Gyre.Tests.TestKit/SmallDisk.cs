using System.Diagnostics;

namespace Gyre.Tests.TestKit;

/// <summary>
/// A file system of a few pages in memory, for what happens when a disk is full. Needs the right to mount.
/// </summary>
public sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    private string Ballast => this["ballast"];

    /// <summary>Mounts one, or skips the test with the reason.</summary>
    public static SmallDisk Mount(int kilobytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "a tmpfs needs Linux");
        var path = Directory.CreateTempSubdirectory("gyre-disk-").FullName;
        if (Command("mount", "-t", "tmpfs", "-o", $"size={kilobytes}k", "tmpfs", path) is { ExitCode: not 0 } refused)
        {
            Directory.Delete(path);
            Assert.Skip($"a tmpfs cannot be mounted here: {refused.Error.Trim()}");
        }
        return new SmallDisk(path);
    }

    /// <summary>Takes all the space that is left but for a number of pages.</summary>
    public void Fill(int pagesLeft = 0)
    {
        using var stream = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0);
        var page = new byte[Environment.SystemPageSize];
        try
        {
            while (true)
                stream.Write(page);
        }
        catch (IOException)
        {
            stream.SetLength((stream.Length / page.Length - pagesLeft) * page.Length);
        }
    }

    /// <summary>Makes it larger.</summary>
    public void Grow(int kilobytes) =>
        Assert.Equal(0, Command("mount", "-o", $"remount,size={kilobytes}k", Path).ExitCode);

    /// <summary>Lets nothing be written any more.</summary>
    public void Close() => Assert.Equal(0, Command("mount", "-o", "remount,ro", Path).ExitCode);

    /// <summary>Gives it back.</summary>
    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        Command("umount", Path);
        Directory.Delete(Path);
    }

    private static (int ExitCode, string Error) Command(string name, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(
                new ProcessStartInfo(name, arguments) { RedirectStandardError = true, RedirectStandardOutput = true }
            )!;
            var error = process.StandardError.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, error);
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return (-1, missing.Message);
        }
    }
}
