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
        Listing.Print(16, DataCatalog.Sources.Select(source => (source.Name, $"{source.Description}{(source.NeedsPath ? " (needs data.path)" : "")}")));
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
        var faults = sources.Select(source => source.Read is { } read ? Show(source, DataCheck.Of(read(settings.Path), shipped: !source.NeedsPath)) : Made(source)).Sum();
        return faults == 0 ? Exit.Done : Exit.WrongInput;
    }

    private static int Made(DataSource source)
    {
        Console.Out.WriteLine($"{source.Name}: {source.Description}; the program makes it by a formula, so there is no file to check");
        return 0;
    }

    private static int Show(DataSource source, DataReport report)
    {
        Console.Out.WriteLine($"{source.Name}: {report.Attribution}");
        foreach (var part in report.Parts)
        {
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"  {part.Name,-9}{part.Samples,7} samples of {string.Join("×", part.SampleShape)}, mean {part.Mean:0.0000}, deviation {part.Deviation:0.0000}; per class {string.Join(" ", part.ClassCounts)}"));
            Console.Out.WriteLine($"           checksums: {part.KnownAs ?? "of no published set known here"}");
            Console.Out.WriteLine($"           images {part.ImagesSha256}");
            Console.Out.WriteLine($"           labels {part.LabelsSha256}");
        }
        foreach (var remark in report.Remarks)
            Console.Out.WriteLine($"  note: {remark}");
        foreach (var fault in report.Faults)
            Console.Error.WriteLine($"{source.Name}: {fault}");
        return report.Faults.Count;
    }
}
