using System.Text;
using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;

namespace Gyre.App.Processes;

/// <summary>The child's side of a probe: reads the spec from standard input, writes one line of JSON.</summary>
internal static class ProbeChild
{
    public const string Name = "probe-child";

    public static int Execute()
    {
        var probe = Calibration.Measure(SpecReader.ReadText(RunChild.ReadSpec()), TimeProvider.System);
        Console.Out.WriteLine(Encoding.UTF8.GetString(RunJson.ToLine(probe)));
        return Exit.Done;
    }
}
