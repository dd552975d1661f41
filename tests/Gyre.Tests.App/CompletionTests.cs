using System.Diagnostics;
using System.Text.RegularExpressions;
using Gyre.Tests.TestKit;

namespace Gyre.Tests.App;

/// <summary>`gyre completion`: what bash makes of the script, and that the others name the same.</summary>
public partial class CompletionTests
{
    private static readonly Lazy<string> Bash = new(() => Script("bash"));

    [Fact]
    public void Every_command_and_every_option_of_the_help_is_completed()
    {
        var folder = Path.Combine(Source.Root, "tests", "Gyre.Tests.App", "Expectations");
        var listed = File.ReadLines(Path.Combine(folder, "help.txt")).SkipWhile(line => line != "COMMANDS:");
        var commands = Firsts(CommandLine(), listed);
        Assert.True(commands.Length >= 17, string.Join(' ', commands));
        Assert.Equal(commands, Completed("/", "gyre", ""));
        foreach (var path in Directory.EnumerateFiles(folder, "help-*.txt"))
        {
            string[] command = Path.GetFileNameWithoutExtension(path)["help-".Length..].Split('-');
            if (command is not ["data"])
                Assert.Equal(Firsts(OptionLine(), File.ReadLines(path)), Completed("/", ["gyre", .. command, "--"]));
        }
    }

    [Fact]
    public void Presets_keys_values_and_folders_are_completed_where_they_belong()
    {
        using var folder = new TemporaryFolder();
        SyntheticFolder.Write(folder["runs/quick-abc"], SyntheticRun.Usual(steps: 20));
        SyntheticSweep.Usual.Write(folder["sweeps/rates"]);
        Directory.CreateDirectory(folder["runs/no run"]);

        Assert.Contains("fashion-mlp", Completed(folder.Path, "gyre", "run", "fash"));
        Assert.Equal(["optimizer.name="], Completed(folder.Path, "gyre", "run", "--set", "optimizer.na"));
        Assert.Equal(["sweep.seeds="], Completed(folder.Path, "gyre", "sweep", "rates", "--set", "sweep.se"));
        Assert.Contains("adamw", Completed(folder.Path, "gyre", "run", "--set", "optimizer.name", "=", ""));
        Assert.Equal(["false"], Completed(folder.Path, "gyre", "run", "--set", "curvature.resolve", "=", "f"));
        Assert.Equal(["optimizer.name=sgd"], Completed(folder.Path, "gyre", "run", "--set", "optimizer.name=sg"));
        Assert.Contains("runs/quick-abc", Completed(folder.Path, "gyre", "report", "ru"));
        Assert.Contains("sweeps/rates", Completed(folder.Path, "gyre", "export", "--format", "csv", "sw"));
        Assert.Contains("runs/no run", Completed(folder.Path, "gyre", "compare", "runs/quick-abc", "runs/"));
        Assert.Equal(["tensorboard"], Completed(folder.Path, "gyre", "export", "x", "--format", "t"));
        Assert.Equal(["show"], Completed(folder.Path, "gyre", "data", "s"));
        Assert.Contains("cifar-10", Completed(folder.Path, "gyre", "data", "get", "ci"));
        Assert.Equal(["zsh"], Completed(folder.Path, "gyre", "completion", "z"));
        Assert.Empty(Completed(folder.Path, "gyre", "run", "--samples", ""));
    }

    [Theory]
    [InlineData("zsh", "'{0} --set'")]
    [InlineData("fish", "__gyre_at {0}'")]
    public void Scripts_for_other_shells_name_every_command_and_key_and_close_every_quote(string shell, string command)
    {
        var script = Script(shell);
        foreach (var name in new[] { "run", "sweep", "spec", "data check" })
            Assert.Contains(command.Replace("{0}", name, StringComparison.Ordinal), script, StringComparison.Ordinal);
        string[] words = ["training.learning_rate", "sweep.seeds", "fashion-mlp", "clean", "adamw", "tensorboard"];
        foreach (var word in words)
            Assert.Contains(word, script, StringComparison.Ordinal);
        foreach (var line in script.Split('\n').Where(line => !line.StartsWith('#')))
            Assert.True(
                line.Replace("\\'", "", StringComparison.Ordinal).Count(letter => letter == '\'') % 2 == 0,
                line
            );
    }

    [Fact]
    public void Another_shell_is_refused_with_those_there_are()
    {
        var (exitCode, output, error) = GyreProcess.Run("completion", "fissh");
        Assert.Equal((2, ""), (exitCode, output));
        Assert.Contains("did you mean fish?", error, StringComparison.Ordinal);
        Assert.Contains("bash, zsh, fish", error, StringComparison.Ordinal);
    }

    private static string[] Firsts(Regex pattern, IEnumerable<string> lines) =>
        [
            .. lines
                .Select(line => pattern.Match(line))
                .Where(match => match.Success)
                .Select(match => match.Groups[1].Value)
                .Order(StringComparer.Ordinal),
        ];

    private static string Script(string shell)
    {
        var (exitCode, output, error) = GyreProcess.Run("completion", shell);
        Assert.Equal((0, ""), (exitCode, error));
        return output;
    }

    /// <summary>What a real bash offers for the last of some words.</summary>
    private static string[] Completed(string folder, params string[] words)
    {
        using var script = new TemporaryFolder();
        File.WriteAllText(script["gyre.bash"], Bash.Value);
        const string Ask = """
            source "$0"; [[ $(complete -p gyre) == 'complete -F _gyre gyre' ]] || exit 9
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _gyre; printf '%s\n' "${COMPREPLY[@]}"
            """;
        var start = new ProcessStartInfo("bash", ["--norc", "--noprofile", "-c", Ask, script["gyre.bash"], .. words])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        using var bash = Process.Start(start)!;
        var (output, error) = (bash.StandardOutput.ReadToEnd(), bash.StandardError.ReadToEnd());
        bash.WaitForExit();
        Assert.Equal((0, ""), (bash.ExitCode, error));
        return [.. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"^ {4}(\w+) ")]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"^ {4}(?:-h, |    )(--[a-z-]+)")]
    private static partial Regex OptionLine();
}
