using System.ComponentModel;
using System.Globalization;
using Gyre.App.Terminal;
using Gyre.Lab.Data;
using Gyre.Lab.Figures;
using Gyre.Lab.Running;
using Gyre.Lab.Specs;
using Gyre.Lab.Statistics;
using Gyre.Torch;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>`gyre data list`.</summary>
internal sealed class DataListCommand : Command<GyreSettings>
{
    public override int Execute(CommandContext context, GyreSettings settings, CancellationToken stop)
    {
        Listing.Print(
            20,
            DataCatalog.Sources.Select(source =>
                (source.Name, $"{source.Description}{(source.NeedsPath ? " (needs data.path)" : "")}")
            )
        );
        return Exit.Done;
    }
}

/// <summary>Arguments and options of `gyre data check` and `gyre data show`.</summary>
internal class DataReadSettings : GyreSettings
{
    [CommandArgument(0, "[NAME]")]
    [Description("A data set (see `gyre data list`). Default: the one inside the program")]
    public string? Name { get; init; }

    [CommandOption("--path <PATH>")]
    [Description("Its folder or file, for data sets that are not shipped")]
    public string Path { get; init; } = "";

    [CommandOption("--set <KEY=VALUE>")]
    [Description("Set a key of [[data]], such as data.target=price. May be repeated")]
    public string[] Sets { get; init; } = [];

    /// <summary>Reads a data set as a run would.</summary>
    public DataContent Read(DataSource source)
    {
        string[] path =
            Path.Length == 0
                ? []
                : [$"data.path=\"{System.IO.Path.GetFullPath(Path).Replace("\\", "\\\\", StringComparison.Ordinal)}\""];
        string[] loss = source.Targets == TargetKind.Numbers ? ["objective.loss=squared-error"] : [];
        var spec = SpecReader.Read(SpecReader.DefaultPreset, [$"data.name={source.Name}", .. path, .. loss, .. Sets]);
        LibTorch.Load(); // a request names a device
        return source.Read(SpecData.Request(spec));
    }
}

/// <summary>`gyre data check`: reads a whole data set and prints what it contains; a fault is exit code 2.</summary>
internal sealed class DataCheckCommand : Command<DataReadSettings>
{
    public override int Execute(CommandContext context, DataReadSettings settings, CancellationToken stop)
    {
        var sources = settings.Name is { } name
            ? [DataCatalog.Get(name)]
            : DataCatalog.Sources.Where(source => source.Place == DataPlace.Program);
        return sources.Sum(source => Check(source, settings)) == 0 ? Exit.Done : Exit.WrongInput;
    }

    private static int Check(DataSource source, DataReadSettings settings)
    {
        if (!source.HasFiles)
        {
            Console.Out.WriteLine(
                $"{source.Name}: {source.Description}; the program generates it, so there is no file to check"
            );
            return 0;
        }
        var content = settings.Read(source);
        if (content is DataSet images)
            return Show(source, DataCheck.Run(images, shipped: source.Place == DataPlace.Program));
        Console.Out.WriteLine($"{source.Name}: {content.Attribution}");
        if (content is NumberSet numbers)
        {
            NumberSamples.CheckFinite(numbers.Train, "Sample");
            if (numbers.Test is { } test)
                NumberSamples.CheckFinite(test, "Test sample");
        }
        foreach (var line in DataDescription.Describe(content))
            Console.Out.WriteLine($"  {line}");
        return 0;
    }

    private static int Show(DataSource source, DataReport report)
    {
        Console.Out.WriteLine($"{source.Name}: {report.Attribution}");
        foreach (var part in report.Parts)
        {
            string Numbers(IReadOnlyList<double> values) =>
                string.Join(" ", values.Select(value => NumberText.Fixed(value, 4)));
            Console.Out.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {part.Name, -9}{part.Samples, 7} samples of {string.Join("×", part.SampleShape)}, "
                        + $"mean {Numbers(part.Mean)}, deviation {Numbers(part.Deviation)}; per class "
                        + $"{string.Join(" ", part.ClassCounts)}"
                )
            );
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

/// <summary>Arguments and options of `gyre data show`.</summary>
internal sealed class DataShowSettings : DataReadSettings
{
    [CommandOption("--out <DIR>")]
    [Description("Folder for the contact sheet. Default: data")]
    public string Out { get; init; } = "data";
}

/// <summary>`gyre data show`: the contents of a data set, and a picture of it.</summary>
internal sealed class DataShowCommand : Command<DataShowSettings>
{
    public override int Execute(CommandContext context, DataShowSettings settings, CancellationToken stop)
    {
        var source = DataCatalog.Get(settings.Name ?? FashionMnist.Name);
        var content = settings.Read(source);
        ConsoleLine.Write(AnsiConsole.Console, $"{source.Name}: {content.Attribution}");
        foreach (var line in DataDescription.Describe(content))
            ConsoleLine.Write(AnsiConsole.Console, $"  {line}");
        if (ContactSheet.TryDraw(content) is not { } picture)
            return Exit.Done;
        var path = Path.Combine(settings.Out, source.Name + ".png");
        PictureFile.Write(path, picture);
        ConsoleLine.Write(AnsiConsole.Console, $"{path}: the first training images of each class, one row per class");
        return Exit.Done;
    }
}
