using System.Text;
using Gyre.Lab.Experiments;
using Gyre.Lab.Experiments.Sweeps;
using Gyre.Lab.Runs;

namespace Gyre.App.Commands;

/// <summary>The child's side of a probe: reads the spec from standard input, writes one line of JSON.</summary>
internal static class ProbeChild
{
    public const string Name = "probe-child";

    public static int Execute()
    {
        var probe = Probe.Measure(SpecReader.ReadText(RunChild.ReadSpec()), TimeProvider.System);
        Console.Out.WriteLine(Encoding.UTF8.GetString(RunJson.ToLine(probe)));
        return Exit.Done;
    }
}
