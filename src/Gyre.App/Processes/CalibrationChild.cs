using System.Text;
using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;

namespace Gyre.App.Processes;

/// <summary>
/// The child process of a calibration: reads the spec from standard input and writes one line of JSON.
/// </summary>
internal static class CalibrationChild
{
    public const string Name = "probe-child";

    public static int Execute()
    {
        var calibration = Calibration.Measure(SpecReader.ReadText(RunChild.ReadSpec()), TimeProvider.System);
        Console.Out.WriteLine(Encoding.UTF8.GetString(RunJson.ToLine(calibration)));
        return Exit.Done;
    }
}
