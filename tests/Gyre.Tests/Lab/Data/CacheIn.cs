using Gyre.Lab.Data;

namespace Gyre.Tests.Lab.Data;

/// <summary>Sends the cache of decoded images into a folder of the test's own.</summary>
internal sealed class CacheIn : IDisposable
{
    private readonly string? _before = Environment.GetEnvironmentVariable(DataFolder.Variable);

    public CacheIn(string folder) => Environment.SetEnvironmentVariable(DataFolder.Variable, folder);

    public void Dispose() => Environment.SetEnvironmentVariable(DataFolder.Variable, _before);
}
