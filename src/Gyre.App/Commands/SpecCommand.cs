using System.ComponentModel;
using Gyre.App.Terminal;
using Gyre.Lab.Specs;
using Gyre.Lab.Sweeps;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre spec`.</summary>
internal sealed class SpecSettings : GyreSettings
{
    [CommandArgument(0, "[SPEC]")]
    [Description("A preset or a TOML file of a run or a sweep. Without one, the presets are listed")]
    public string? Spec { get; init; }

    [CommandOption("--set <KEY=VALUE>")]
    [Description("Set one key of the spec, such as training.learning_rate=0.3")]
    public string[] Sets { get; init; } = [];
}

/// <summary>`gyre spec`: prints a resolved spec as a starting point, or the list of presets.</summary>
internal sealed class SpecCommand : Command<SpecSettings>
{
    public override int Execute(CommandContext context, SpecSettings settings, CancellationToken stop)
    {
        if (settings.Spec is { } name && SweepSpecReader.IsSweep(name))
            Sweep(name, settings.Sets);
        else if (settings.Spec is not null || settings.Sets.Length > 0)
            Resolved(settings.Spec ?? SpecReader.DefaultPreset, settings.Sets);
        else
        {
            Console.Out.WriteLine("Runs, for `gyre run`:");
            List(SpecReader.Presets);
            Console.Out.WriteLine("\nSweeps, for `gyre sweep`:");
            List(SweepSpecReader.Presets);
        }
        return Exit.Done;
    }

    /// <summary>
    /// A sweep has no single resolved form before its plan, so it is checked and printed as written.
    /// </summary>
    private static void Sweep(string name, string[] sets)
    {
        var mistakes = new Mistakes();
        if (sets.Length > 0)
            mistakes.Add(
                "--set",
                "does not apply to sweeps, which are printed as written; "
                    + $"`gyre sweep {name}` takes --set, as does `gyre sweep` with a file that `gyre spec "
                    + $"{name}` was saved to"
            );
        mistakes.ThrowIfAny();
        Console.Out.Write(SweepSpecReader.Read(name, []).Text);
    }

    private static void Resolved(string name, string[] sets)
    {
        if (!SpecReader.AllPresets.Contains(name) && !Path.Exists(name))
            throw new SpecException([SpecReader.Missing(name, SpecReader.AllPresets)], name);
        Console.Out.Write(SpecText.Write(SpecReader.Read(name, sets)));
        foreach (var remark in UnusedKeys.Find(name, sets))
            ConsoleLine.Warn($"note: {remark}");
    }

    private static void List(IEnumerable<string> presets) =>
        Listing.Print(17, presets.Select(preset => (preset, About(preset))));

    private static string About(string preset) =>
        string.Join(
            " ",
            SpecReader
                .PresetText(preset)
                .Split('\n')
                .TakeWhile(line => line.StartsWith('#'))
                .Select(line => line[1..].Trim())
        );
}
