using Gyre.Torch.Weights;

namespace Gyre.Tests.Torch.Weights;

/// <summary>Prefixes of PyTorch's wrappers.</summary>
public class WeightNamesTests
{
    public static TheoryData<string[], string[], string[], string?> Cases =>
        new()
        {
            { ["a", "b.c"], ["a", "b.c"], ["a", "b.c"], null },
            { ["module.a", "module.b"], ["a", "b"], ["a", "b"], "module. was removed from all 2 names" },
            { ["_orig_mod.a", "_orig_mod.b"], ["a", "b"], ["a", "b"], "_orig_mod. was removed from all 2 names" },
            { ["module._orig_mod.model.a"], ["a"], ["a"], "module._orig_mod.model. was removed from all 1 name" },
            { ["a._orig_mod.b", "c"], ["a.b", "c"], ["a.b", "c"], "_orig_mod. was removed from 1 of 2 names" },
            // what the network calls model. itself stays
            {
                ["module.model.a", "module.head"],
                ["model.a", "head"],
                ["model.a", "head"],
                "module. was removed from all 2 names"
            },
            { ["model.a"], ["model.a"], ["model.a"], null },
            { ["model.a", "loss.w"], ["a"], ["a", "loss.w"], "model. was removed from 1 of 2 names" },
            // nothing fits: names stay, so that they can be found in the file
            { ["module.x"], ["a"], ["module.x"], null },
            // two names would become one
            { ["module.a", "a"], ["a"], ["module.a", "a"], null },
            { [], ["a"], [], null },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void They_are_taken_off_where_more_names_are_the_networks_then(
        string[] stored,
        string[] wanted,
        string[] fitted,
        string? note
    )
    {
        var (names, said) = WeightNames.Fit(stored, wanted);
        Assert.Equal(fitted, stored.Select(name => names[name]));
        Assert.Equal(note, said);
    }
}
