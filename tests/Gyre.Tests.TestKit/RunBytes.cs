using Gyre.Lab.RunFiles;

namespace Gyre.Tests.TestKit;

/// <summary>What of a run must be equal byte for byte, whatever happened to its process.</summary>
internal static class RunBytes
{
    public static void AssertSame(RunFolder expected, RunFolder actual)
    {
        foreach (
            var (file, its) in expected.Replayed.Append(expected.Summary).Zip(actual.Replayed.Append(actual.Summary))
        )
        {
            if (!File.ReadAllBytes(file).AsSpan().SequenceEqual(File.ReadAllBytes(its)))
                throw new InvalidOperationException($"{its} differs from {file}");
        }
    }
}
