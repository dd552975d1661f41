using System.Text.RegularExpressions;
using ArchUnitNET.Fluent.Slices;
using ArchUnitNET.Loader;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.House;

/// <summary>
/// The arrows of the house run one way: Torch ← Spectral ← Lab ← App, and inside Lab only where the table allows.
/// </summary>
public partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> AssemblyMaySee = new()
    {
        ["Gyre.Torch"] = [],
        ["Gyre.Spectral"] = ["Gyre.Torch"],
        ["Gyre.Lab"] = ["Gyre.Torch", "Gyre.Spectral"],
        ["Gyre.Dashboard"] = ["Gyre.Torch", "Gyre.Spectral", "Gyre.Lab"],
        ["gyre"] = ["Gyre.Torch", "Gyre.Spectral", "Gyre.Lab", "Gyre.Dashboard"],
    };

    /// <summary>Room of Lab → the rooms of Lab whose namespaces it may name.</summary>
    private static readonly Dictionary<string, string[]> RoomMaySee = new()
    {
        ["Keys"] = [],
        ["Data"] = ["Keys", "Statistics"],
        ["Models"] = ["Keys"],
        ["Mpi"] = [],
        ["Statistics"] = [],
        ["RunFiles"] = ["Statistics"],
        ["Quantities"] = ["RunFiles"],
        ["Dynamics"] = ["Keys", "Statistics"],
        ["Theory"] = ["Dynamics"],
        ["Objectives"] = ["Data", "Mpi", "Statistics"],
        ["Curvature"] = ["Objectives"],
        ["Optimizers"] = ["Keys", "Data", "Objectives", "Curvature", "Dynamics", "Statistics"],
        ["Interventions"] = ["Keys", "Objectives", "Curvature"],
        ["Specs"] = ["Keys", "Data", "Models", "Objectives", "Optimizers", "Interventions", "Dynamics", "RunFiles"],
        ["Measuring"] = ["Specs", "Objectives", "Curvature", "Optimizers", "Dynamics", "Statistics", "RunFiles"],
        ["Running"] =
        [
            "Specs",
            "Measuring",
            "Data",
            "Models",
            "Objectives",
            "Optimizers",
            "Interventions",
            "Dynamics",
            "Mpi",
            "RunFiles",
            "Statistics",
        ],
        ["Sweeps"] = ["Running", "Specs", "Data", "Optimizers", "Interventions", "Curvature", "Dynamics", "RunFiles"],
        ["Claims"] = ["Dynamics", "Interventions", "Optimizers", "RunFiles", "Statistics"],
        ["Figures"] = ["Quantities", "RunFiles", "Statistics", "Claims", "Dynamics", "Theory"],
        ["Reports"] = ["Figures", "RunFiles", "Statistics", "Claims", "Theory"],
        ["Exports"] = ["Quantities", "RunFiles", "Statistics", "Claims", "Theory"],
        ["Inspection"] =
        [
            "Running",
            "Measuring",
            "Specs",
            "Models",
            "Objectives",
            "Curvature",
            "RunFiles",
            "Statistics",
        ],
        ["Landscape"] = ["Running", "Measuring", "Specs", "Optimizers", "Objectives", "Curvature", "RunFiles"],
        ["Monitoring"] = ["Measuring", "Specs", "Data", "Objectives", "Optimizers", "Dynamics", "RunFiles"],
        ["Trajectories"] =
        [
            "Running",
            "Measuring",
            "Specs",
            "Data",
            "Models",
            "Objectives",
            "Optimizers",
            "Interventions",
            "Mpi",
            "RunFiles",
            "Statistics",
        ],
        ["DeviceChecks"] =
        [
            "Running",
            "Specs",
            "Models",
            "Objectives",
            "Curvature",
            "Optimizers",
            "Theory",
            "RunFiles",
        ],
        ["Coverage"] = ["Running", "Measuring", "Specs", "Curvature", "Dynamics", "RunFiles", "Statistics"],
        ["Clusters"] = ["Sweeps", "Running", "Specs", "RunFiles"],
    };

    private static readonly string[] PureRooms = ["Statistics", "Dynamics", "Theory"];

    [Theory]
    [InlineData(typeof(Gyre.Torch.LibTorch))]
    [InlineData(typeof(Gyre.Spectral.ISymmetricOperator))]
    [InlineData(typeof(Gyre.Lab.Monitoring.CurvatureMonitor))]
    [InlineData(typeof(Gyre.Dashboard.Pages.LivePage))]
    [InlineData(typeof(Gyre.App.Commands.RunCommand))]
    public void Assemblies_see_only_what_lies_below_them(System.Type type)
    {
        var name = type.Assembly.GetName().Name!;
        var seen = type
            .Assembly.GetReferencedAssemblies()
            .Select(reference => reference.Name!)
            .Where(reference => AssemblyMaySee.ContainsKey(reference));
        Assert.Empty(seen.Except(AssemblyMaySee[name]));
    }

    [Fact]
    public void Every_room_of_the_lab_is_in_the_table()
    {
        var rooms = Directory
            .GetDirectories(Path.Combine(Source.Root, "src", "Gyre.Lab"))
            .Select(folder => Path.GetFileName(folder)!);
        Assert.Empty(rooms.Except(RoomMaySee.Keys).Except(["bin", "obj"]));
    }

    [Fact]
    public void Rooms_of_the_lab_name_only_rooms_they_may_see()
    {
        var wrong =
            from room in RoomMaySee
            from file in Source.CSharpFiles(Path.Combine("src", "Gyre.Lab", room.Key))
            from Match name in LabNamespace().Matches(File.ReadAllText(file))
            let seen = name.Groups[1].Value
            where seen != room.Key && !room.Value.Contains(seen)
            select $"{Path.GetRelativePath(Source.Root, file)} names Gyre.Lab.{seen}";
        Assert.Empty(wrong);
    }

    /// <summary>
    /// Read from the built code, whatever the tables above say: a room that needs another does not serve it, too.
    /// </summary>
    [Fact]
    public void No_namespace_depends_on_itself_through_others()
    {
        var code = new ArchLoader()
            .LoadAssemblies(
                typeof(Gyre.Torch.LibTorch).Assembly,
                typeof(Gyre.Spectral.ISymmetricOperator).Assembly,
                typeof(Gyre.Lab.RunFiles.StepRecord).Assembly,
                typeof(Gyre.Dashboard.Charts.Chart).Assembly,
                typeof(Gyre.App.Commands.CommandLine).Assembly
            )
            .Build();
        var cycles = SliceRuleDefinition.Slices().Matching("Gyre.(**)").Should().BeFreeOfCycles().Evaluate(code);
        Assert.NotEmpty(cycles);
        Assert.Empty(cycles.Where(result => !result.Passed).Select(result => result.Description));
    }

    [Fact]
    public void Pure_rooms_know_no_tensor_no_file_and_no_console()
    {
        var wrong =
            from room in PureRooms
            where Directory.Exists(Path.Combine(Source.Root, "src", "Gyre.Lab", room))
            from file in Source.CSharpFiles(Path.Combine("src", "Gyre.Lab", room))
            from Match name in Impure().Matches(File.ReadAllText(file))
            select $"{Path.GetRelativePath(Source.Root, file)}: {name.Value}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void The_lab_knows_no_console_and_libraries_bring_no_native_libtorch()
    {
        var consoles = Source
            .CSharpFiles(Path.Combine("src", "Gyre.Lab"))
            .Where(file => ConsoleUse().IsMatch(File.ReadAllText(file)));
        Assert.Empty(consoles);
        string[] libraries = ["Gyre.Torch", "Gyre.Spectral", "Gyre.Lab"];
        var natives = libraries.Where(library =>
            File.ReadAllText(Path.Combine(Source.Root, "src", library, library + ".csproj"))
                .Contains("libtorch", StringComparison.OrdinalIgnoreCase)
        );
        Assert.Empty(natives);
    }

    [Fact]
    public void Namespaces_equal_folders()
    {
        var wrong =
            from file in Source.CSharpFiles("src")
            let declared = DeclaredNamespace().Match(File.ReadAllText(file))
            where declared.Success
            let folder = Path.GetRelativePath(Path.Combine(Source.Root, "src"), Path.GetDirectoryName(file)!)
                .Replace(Path.DirectorySeparatorChar, '.')
            where declared.Groups[1].Value != folder
            select $"{Path.GetRelativePath(Source.Root, file)} declares {declared.Groups[1].Value}";
        Assert.Empty(wrong);
    }

    [GeneratedRegex(@"Gyre\.Lab\.([A-Z][A-Za-z]+)")]
    private static partial Regex LabNamespace();

    [GeneratedRegex(@"TorchSharp|Gyre\.Torch|Gyre\.Spectral|System\.IO|\bFile\.|\bDirectory\.|\bConsole\.")]
    private static partial Regex Impure();

    [GeneratedRegex(@"\bConsole\.|Spectre\.")]
    private static partial Regex ConsoleUse();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex DeclaredNamespace();
}
