using System.ComponentModel;
using System.Globalization;
using Gyre.App.Terminal;
using Gyre.Lab.RunFiles;
using Gyre.Lab.Running;
using Gyre.Torch;
using Spectre.Console;
using Spectre.Console.Cli;

namespace Gyre.App.Commands;

/// <summary>Arguments and options of `gyre clean`.</summary>
internal sealed class CleanSettings : GyreSettings
{
    [CommandArgument(0, "[DIR]")]
    [Description("Folder to clean, including folders below it; links are not followed. Default: runs and sweeps")]
    public string? Folder { get; init; }

    [CommandOption("--yes")]
    [Description("Remove without asking, for scripts")]
    public bool Yes { get; init; }

    [CommandOption("--dry-run")]
    [Description("Only list what would be removed")]
    public bool DryRun { get; init; }
}

/// <summary>`gyre clean`: lists what can be removed, with its size, asks for confirmation, and removes it.</summary>
internal sealed class CleanCommand : Command<CleanSettings>
{
    private const string NothingRemoved = "Nothing was removed";

    public override int Execute(CommandContext context, CleanSettings settings, CancellationToken stop)
    {
        var mistakes = new Mistakes();
        if (settings is { Yes: true, DryRun: true })
            mistakes.Add("--yes removes and --dry-run only lists; give one of the two.");
        mistakes.ThrowIfAny();
        var places = UsualFolders.GetRoots(settings.Folder).Select(Place).ToArray();
        var found = places.Select(place => (Place: place, List: place.List())).ToArray();
        foreach (var alone in found.SelectMany(one => one.List.Alone))
            Say($"left alone  {alone.Path}: {alone.Why}");
        var leftovers = found
            .SelectMany(one => one.List.Leftovers.Select(leftover => (one.Place, Leftover: leftover)))
            .ToArray();
        foreach (var (_, leftover) in leftovers)
            Say($"{Describe(leftover.Kind), -24}{ByteSize.Format(leftover.Bytes), 9}  {leftover.Path}");
        if (leftovers.Length == 0)
            Say("There is nothing to remove.");
        else if (settings.DryRun)
            Say($"{NothingRemoved}: these would be {Sum(leftovers.Select(one => one.Leftover))}.");
        else
            return MayRemove(settings, leftovers.Select(one => one.Leftover)) ?? Remove(leftovers);
        return Exit.Done;
    }

    /// <exception cref="RunFolderException">The folder is a link.</exception>
    private static LeftoverFolder Place(string folder) =>
        new DirectoryInfo(folder.TrimEnd(Path.DirectorySeparatorChar)).LinkTarget is { } target
            ? throw new RunFolderException(
                $"{folder} is a link to {target}, and links are not followed. Give the folder itself."
            )
            : new LeftoverFolder(folder, TimeProvider.System);

    /// <summary>Returns null if removing is allowed, otherwise the exit code.</summary>
    private static int? MayRemove(CleanSettings settings, IEnumerable<Leftover> leftovers)
    {
        if (settings.Yes)
            return null;
        if (Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            Console.Error.WriteLine(
                $"{NothingRemoved}: there is no terminal to confirm at. Add --yes to remove {Sum(leftovers)}, or "
                    + "--dry-run to list them."
            );
            return Exit.WrongInput;
        }
        Console.Out.Write($"Remove {Sum(leftovers)}? [y/N] ");
        Console.Out.Flush();
        if (Console.In.ReadLine()?.Trim() is "y" or "Y" or "yes")
            return null;
        Say($"{NothingRemoved}.");
        return Exit.Done;
    }

    private static int Remove((LeftoverFolder Place, Leftover Leftover)[] leftovers)
    {
        var removed = new List<Leftover>();
        foreach (var (place, leftover) in leftovers)
        {
            if (place.Remove(leftover) is { } why)
                ConsoleLine.Warn($"{leftover.Path} was not removed: {why}");
            else
                removed.Add(leftover);
        }
        Say($"Removed {Sum(removed)}.");
        return removed.Count == leftovers.Length ? Exit.Done : Exit.WrongInput;
    }

    private static void Say(string line) => ConsoleLine.Write(AnsiConsole.Console, line);

    private static string Describe(LeftoverKind kind) =>
        kind switch
        {
            LeftoverKind.Temporary => "half-written file",
            LeftoverKind.Unfinished => "unfinished run",
            LeftoverKind.Unplanned => "cell not in the plan",
            _ => "run without a spec",
        };

    private static string Sum(IEnumerable<Leftover> leftovers)
    {
        var all = leftovers.ToArray();
        var size = ByteSize.Format(all.Sum(one => one.Bytes));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{all.Length} {Counted.Noun(all.Length, "leftover")}, {size}"
        );
    }
}
