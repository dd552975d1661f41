using System.IO.Enumeration;
using Gyre.Torch;
using static TorchSharp.torch;

namespace Gyre.Lab.Inspection;

/// <summary>Chooses parameter tensors by name.</summary>
internal static class ParameterChoice
{
    private const int MostNamed = 30;

    /// <summary>Freezes every trainable parameter whose name no pattern matches; without patterns none.</summary>
    /// <param name="module">Its own from here on: nothing trains it any more.</param>
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

    /// <summary>Of a tensor with several names, one that matches is enough.</summary>
    private static bool Matches(IReadOnlyList<string> patterns, DistinctParameter parameter) =>
        patterns.Any(pattern =>
            parameter.Names.Any(name => FileSystemName.MatchesSimpleExpression(pattern, name, ignoreCase: false))
        );

    private static string Names(IReadOnlyList<DistinctParameter> parameters) =>
        string.Join(", ", parameters.Take(MostNamed).Select(parameter => parameter.Name))
        + (parameters.Count > MostNamed ? $" and {parameters.Count - MostNamed} more" : "");
}
