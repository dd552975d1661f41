using System.Text;
using Gyre.Lab.Experiments;
using Gyre.Lab.Experiments.Sweeps;
using Gyre.Lab.Runs;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>The child's side of a probe: reads the spec from standard input, writes one line of JSON.</summary>
internal sealed class ProbeChildCommand : Command<RunChildSettings>
{
    public override int Execute(CommandContext context, RunChildSettings settings, CancellationToken cancellation)
    {
        var probe = Probe.Measure(SpecReader.ReadText(RunChildCommand.ReadSpec()), TimeProvider.System);
        Console.Out.WriteLine(Encoding.UTF8.GetString(RunJson.ToLine(probe)));
        return Exit.Done;
    }
}
