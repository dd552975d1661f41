using Gyre.Lab.Data;
using Gyre.Lab.Objectives;
using Gyre.Lab.Specs;
using static TorchSharp.torch;

namespace Gyre.Lab.Running;

/// <summary>Turns the [data] section of a spec into a request.</summary>
internal static class SpecData
{
    /// <summary>
    /// Returns the spec bound to the current contents of its data files, unless it is already bound: the files are
    /// part of a run's identity.
    /// </summary>
    public static RunSpec Bound(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return spec.Data is { Name: RunSpec.Own } or { Checksum.Length: > 0 }
            ? spec
            : spec with
            {
                Data = spec.Data with { Checksum = DataChecksum.Compute(spec.Data.Name, spec.Data.Path) },
            };
    }

    /// <summary>Returns the request of a spec for its data set.</summary>
    public static DataRequest Request(RunSpec spec)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new DataRequest(spec.Data)
        {
            Seed = Seeds.For(spec.Seed, Purpose.Subset),
            WantsClasses = LossCatalog.NeedsClasses(spec.Objective.Loss),
            Layout = new(
                spec.Objective.Chunk,
                spec.Data.MemoryMegabytes * 1_000_000L,
                spec.Dtype == DtypeNames.Float64 ? ScalarType.Float64 : ScalarType.Float32,
                new Device(spec.Device)
            ),
        };
    }
}
