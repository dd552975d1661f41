namespace Gyre.Tests.TestKit;

/// <summary>Files that PyTorch wrote (TorchScript/make.py).</summary>
internal static class ExportedNetworks
{
    /// <summary>The path of one of the files.</summary>
    public static string File(string name) =>
        Path.Combine(Source.Root, "tests", "Gyre.Tests.TestKit", "TorchScript", name);

    /// <summary>Copies the samples that the exported network was made with into a folder.</summary>
    public static void CopySamples(TemporaryFolder folder)
    {
        foreach (var name in new[] { "x.npy", "y.npy" })
            System.IO.File.Copy(File(name), folder[name]);
    }
}
