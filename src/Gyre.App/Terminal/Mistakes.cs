using System.Globalization;
using Gyre.Lab.Specs;
using Gyre.Torch;

namespace Gyre.App.Terminal;

/// <summary>The mistakes of a command line, collected so that a user sees all of them at once.</summary>
internal sealed class Mistakes
{
    private readonly List<string> _sentences = [];
    private readonly List<SpecMistake> _listed = [];

    /// <summary>Adds a whole sentence.</summary>
    public void Add(string sentence) => _sentences.Add(sentence);

    /// <summary>Adds a problem with an option or a key, for the list.</summary>
    public void Add(string option, string problem) => _listed.Add(new(option, problem));

    /// <summary>Adds problems with options or keys, for the list.</summary>
    public void AddRange(IEnumerable<SpecMistake> mistakes) => _listed.AddRange(mistakes);

    /// <summary>Adds a mistake if a value is outside a range.</summary>
    public void RequireRange(string option, int value, int least, int most)
    {
        if (value < least || value > most)
            Add(
                option,
                string.Create(CultureInfo.InvariantCulture, $"{value} is not an integer from {least} to {most}")
            );
    }

    /// <summary>Reads a spec, and adds its mistakes to the collected ones.</summary>
    /// <returns>The spec; null if mistakes were added.</returns>
    public T? Collect<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (SpecException error)
        {
            AddRange(error.Mistakes);
            return null;
        }
    }

    /// <summary>
    /// Throws all mistakes as one exception, headed by the spec they are in; returns if there are none.
    /// </summary>
    /// <param name="source">The spec: a file or a preset. A preset underlying the file of a network was not named by
    /// the user.</param>
    /// <param name="sets">Settings key=value applied to the spec.</param>
    /// <exception cref="CommandLineException">There are mistakes.</exception>
    public void ThrowIfAny(string source, IReadOnlyList<string> sets)
    {
        var unnamed =
            SpecReader.AllPresets.Contains(source)
            && sets.Any(set => set.StartsWith("model.file=", StringComparison.Ordinal));
        ThrowIfAny(unnamed ? null : source);
    }

    /// <summary>Throws all mistakes as one exception; returns if there are none.</summary>
    /// <param name="spec">The file or preset with the mistakes; null for the command line.</param>
    /// <param name="help">The command whose help is recommended; null to recommend none.</param>
    /// <exception cref="CommandLineException">There are mistakes.</exception>
    public void ThrowIfAny(string? spec = null, string? help = null)
    {
        if (_sentences.Count + _listed.Count == 0)
            return;
        var lines = new List<string>(_sentences);
        if (_listed.Count > 0)
            lines.AddRange(
                help is null ? [new SpecException(_listed, spec ?? SpecException.CommandLine).Message] : List()
            );
        if (help is not null)
            lines.Add($"See `gyre {help} --help`.");
        throw new CommandLineException(string.Join('\n', lines));
    }

    private IEnumerable<string> List()
    {
        var heading = _listed.Count == 1 ? "There is a mistake" : $"There are {_listed.Count} mistakes";
        return _listed.Select(mistake => $"  {mistake}").Prepend($"{heading}:");
    }
}

/// <summary>Thrown if a command line cannot be executed: exit code 2.</summary>
internal sealed class CommandLineException(string message) : GyreException(message);
