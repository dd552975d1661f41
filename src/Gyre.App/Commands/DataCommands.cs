using System.ComponentModel;
using System.Globalization;
using Gyre.Lab.Data;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>`gyre data list`.</summary>
internal sealed class DataListCommand : Command<GyreSettings>
{
    public override int Execute(CommandContext context, GyreSettings settings, CancellationToken cancellation)
    {
        foreach (var source in DataCatalog.Sources)
            Console.Out.WriteLine($"{source.Name,-16}{source.Description}{(source.NeedsPath ? " (needs data.path)" : "")}");
        return Exit.Done;
    }
}

/// <summary>What `gyre data check` is told.</summary>
internal sealed class DataCheckSettings : GyreSettings
{
    [CommandArgument(0, "[NAME]")]
    [Description("A data set; without one every shipped set is checked.")]
    public string? Name { get; init; }

    [CommandOption("--path <DIR>")]
    [Description("Folder of its files, for sets that are not shipped.")]
    public string Path { get; init; } = "";
}

/// <summary>`gyre data check`: reads everything and says what is there; a fault is exit code 2.</summary>
internal sealed class DataCheckCommand : Command<DataCheckSettings>
{
    public override int Execute(CommandContext context, DataCheckSettings settings, CancellationToken cancellation)
    {
        var sources = settings.Name is { } name ? [DataCatalog.Find(name)] : DataCatalog.Sources.Where(source => !source.NeedsPath);
        foreach (var source in sources)
        {
            var data = source.Read(settings.Path);
            Console.Out.WriteLine($"{source.Name}: {data.Attribution}");
            Show("training", data.Train, data.Classes);
            Show("test", data.Test, data.Classes);
        }
        return Exit.Done;
    }

    private static void Show(string part, LabelledImages images, int classes)
    {
        var mean = images.Pixels.Average(pixel => (double)pixel) / 255;
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"  {part,-9}{images.Count,7} samples of {string.Join("×", images.SampleShape)}, mean {mean:0.0000}; per class {string.Join(" ", images.ClassCounts(classes))}"));
    }
}
