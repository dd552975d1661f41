namespace Gyre.Lab.Claims;

/// <summary>Do the claims hold for minibatches? C1 to C4 are decided separately for each batch size.</summary>
internal static class StochasticQuestion
{
    public static IReadOnlyList<Verdict> Decide(ClaimData data) =>
        [
            .. data.SplitBy("optimizer.batch")
                .SelectMany(part =>
                    ClaimCatalog
                        .Decide(part.Data)
                        .Select(verdict => verdict with { Statement = $"batches of {part.Value}: {verdict.Statement}" })
                ),
        ];
}
