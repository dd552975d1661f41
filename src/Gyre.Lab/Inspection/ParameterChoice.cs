using System.IO.Enumeration;
using static TorchSharp.torch;

namespace Gyre.Lab.Inspection;

/// <summary>Chooses parameter tensors by name.</summary>
internal static class ParameterChoice
{
    /// <summary>Freezes every trainable parameter whose name no pattern matches; without patterns none.</summary>
    /// <param name="module">Its own from here on: nothing trains it any more.</param>
    /// <param name="patterns">Names with * and ?, such as <c>layer0.*</c>.</param>
    /// <exception cref="InspectionException">A pattern matches no trainable parameter; the message lists their names.</exception>
    public static void Keep(nn.Module module, IReadOnlyList<string> patterns)
    {
        if (patterns.Count == 0)
            return;
        var trainable = module.named_parameters().Where(parameter => parameter.parameter.requires_grad).ToArray();
        var idle = patterns.Where(pattern => !trainable.Any(parameter => Matches(pattern, parameter.name))).ToArray();
        if (idle.Length > 0)
            throw new InspectionException($"--parameters {string.Join(" and ", idle)} matches no parameter; there are {string.Join(", ", trainable.Select(parameter => parameter.name))}.");
        foreach (var (name, parameter) in trainable)
            parameter.requires_grad = patterns.Any(pattern => Matches(pattern, name));
    }

    private static bool Matches(string pattern, string name) => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false);
}
