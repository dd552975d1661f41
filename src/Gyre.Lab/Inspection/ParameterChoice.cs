using System.IO.Enumeration;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Inspection;

/// <summary>Selects parameter tensors by name.</summary>
internal static class ParameterChoice
{
    private const int MostNamed = 30;

    /// <summary>
    /// Freezes every trainable parameter whose name matches no pattern; without patterns it freezes nothing.
    /// </summary>
    /// <param name="module">A module that is not trained any more.</param>
    /// <param name="patterns">Names with * and ?, such as <c>layer0.*</c>.</param>
    /// <exception cref="InspectionException">A pattern matches no trainable parameter; the message lists their
    /// names.</exception>
    public static void Keep(nn.Module module, IReadOnlyList<string> patterns)
    {
        if (patterns.Count == 0)
            return;
        var trainable = DistinctParameters.Trainable(module);
        var idle = patterns.Where(pattern => !trainable.Any(parameter => Matches([pattern], parameter))).ToArray();
        if (idle.Length > 0)
            throw new InspectionException(
                $"--parameters {string.Join(" and ", idle)} matches no parameter; there are {Names(trainable)}."
            );
        foreach (var parameter in trainable)
            parameter.Tensor.requires_grad = Matches(patterns, parameter);
    }

    /// <summary>If a tensor has several names, one match is enough.</summary>
    private static bool Matches(IReadOnlyList<string> patterns, DistinctParameter parameter) =>
        patterns.Any(pattern =>
            parameter.Names.Any(name => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
        );

    private static string Names(IReadOnlyList<DistinctParameter> parameters) =>
        string.Join(", ", parameters.Take(MostNamed).Select(parameter => parameter.Name))
        + (parameters.Count > MostNamed ? $" and {parameters.Count - MostNamed} more" : "");
}
