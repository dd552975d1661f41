using Gyre.Lab.Data;

namespace Gyre.Lab.Specs;

/// <summary>
/// Suggests what an unknown key or value may mean, from the terms of other programs, other spellings, and similar
/// names.
/// </summary>
internal static class SpecSuggestions
{
    private const int ShortestPrefix = 3;

    /// <summary>
    /// A key, and the last parts of other programs' names for it, in lower case without '-' and '_'.
    /// </summary>
    private static readonly (string Ours, string[] Usual)[] Keys =
    [
        ("training.learning_rate", ["lr", "eta", "stepsize", "alpha", "initlr", "baselr"]),
        (
            "training.steps",
            [
                "epoch",
                "epochs",
                "numepochs",
                "nepochs",
                "maxepochs",
                "iterations",
                "iters",
                "niter",
                "maxiter",
                "numsteps",
                "nsteps",
                "maxsteps",
            ]
        ),
        ("training.warmup", ["warmupsteps", "warmupepochs"]),
        ("training.decay", ["scheduler", "lrscheduler", "lrschedule", "lrdecay"]),
        ("optimizer.name", ["optimizer", "optim", "optimiser", "opt", "algorithm"]),
        ("optimizer.batch", ["batchsize", "bs", "minibatch", "minibatchsize", "batch"]),
        ("optimizer.momentum", ["mom", "beta", "beta1", "betas"]),
        ("optimizer.second_moment", ["beta2"]),
        ("optimizer.epsilon", ["eps"]),
        ("optimizer.radius", ["rho"]),
        ("optimizer.clip_norm", ["gradclip", "clipgrad", "maxgradnorm", "clip", "gradientclipping"]),
        ("objective.weight_decay", ["wd", "l2", "l2reg", "weightdecay"]),
        ("objective.loss", ["loss", "criterion", "lossfn", "objective"]),
        ("data.name", ["dataset", "data", "datasetname"]),
        ("data.path", ["datadir", "dataroot", "datapath", "root", "file"]),
        ("data.samples", ["nsamples", "numsamples", "ntrain", "numtrain", "trainsize", "subsetsize"]),
        ("data.target", ["label", "labels", "targetcolumn", "labelcolumn"]),
        ("data.context", ["blocksize", "seqlen", "sequencelength", "contextlength"]),
        ("data.size", ["imgsize", "imagesize", "resize"]),
        ("data.standardise", ["normalize", "normalise", "standardize"]),
        ("model.name", ["model", "arch", "architecture", "network", "net"]),
        ("model.widths", ["hidden", "hiddensizes", "hiddendim", "hiddensize", "hiddenunits", "layersizes"]),
        ("model.depth", ["nlayers", "numlayers", "layers"]),
        ("model.heads", ["nhead", "nheads", "numheads"]),
        ("model.activation", ["nonlinearity", "act"]),
        ("model.initialisation", ["init", "initialization", "initializer"]),
        ("seed", ["randomseed", "rngseed", "manualseed", "randomstate"]),
        ("threads", ["numthreads", "nthreads", "numworkers", "workers"]),
        ("device", ["gpu", "cuda"]),
        ("dtype", ["precision", "floattype"]),
        ("curvature.pairs", ["topk", "numeigenvalues", "neigs", "numeigs"]),
    ];

    /// <summary>
    /// A value, and other programs' words for it, in lower case with only letters and digits.
    /// </summary>
    private static readonly (string Ours, string[] Usual)[] Values =
    [
        ("squared-error", ["mse", "mseloss", "l2", "squared", "quadratic", "leastsquares"]),
        ("cross-entropy", ["ce", "xent", "crossentropyloss", "nll", "softmax", "logloss"]),
        ("fashion-mnist", ["fmnist"]),
        ("gd", ["gradientdescent", "fullbatch", "fullbatchgd", "batchgd"]),
        ("polyak", ["heavyball", "momentum", "sgdm", "sgdmomentum", "msgd"]),
        ("nesterov", ["nag", "nesterovmomentum"]),
        ("mlp", ["fc", "fcn", "fcnet", "dense", "feedforward", "fullyconnected"]),
        ("cnn", ["convnet", "lenet", "conv"]),
        ("silu", ["swish"]),
        ("cuda", ["gpu"]),
        ("float32", ["fp32", "float", "single", "f32"]),
        ("float64", ["fp64", "double", "f64"]),
        ("sequence-transformer", ["transformer", "gpt", "nanogpt"]),
    ];

    /// <summary>Returns the key that an unknown one stands for, among those that the command supports.</summary>
    internal static string? Key(string unknown, IReadOnlyCollection<string> known)
    {
        var last = Last(unknown);
        return known.FirstOrDefault(key => Plain(key) == Plain(unknown))
            ?? Keys.FirstOrDefault(pair => pair.Usual.Contains(last) && known.Contains(pair.Ours)).Ours
            ?? One(known.Where(key => Last(key) == last))
            ?? NearestName.Find(unknown, known);
    }

    /// <summary>Returns the key with this name here or in other programs; null if there is none.</summary>
    public static string? Called(string word)
    {
        var (plain, keys) = (Plain(word), SpecSchema.Keys.Select(key => key.Path).ToArray());
        return Keys.FirstOrDefault(pair => pair.Usual.Contains(plain)).Ours
            ?? One(keys.Where(key => Last(key) == plain));
    }

    /// <summary>Returns the choice that an unknown word stands for.</summary>
    internal static string? Choice(string word, IReadOnlyList<string> choices)
    {
        var plain = Plain(word);
        return choices.FirstOrDefault(choice => Plain(choice) == plain)
            ?? Values.FirstOrDefault(pair => pair.Usual.Contains(plain) && choices.Contains(pair.Ours)).Ours
            ?? NearestName.Find(word, choices)
            ?? choices.FirstOrDefault(choice => IsLonger(plain, Plain(choice)));
    }

    /// <summary>Returns whether a word extends a choice, as resnet18 extends resnet.</summary>
    private static bool IsLonger(string word, string choice) =>
        choice.Length >= ShortestPrefix && word.StartsWith(choice, StringComparison.Ordinal);

    private static string Last(string key) => Plain(key[(key.LastIndexOf('.') + 1)..]);

    private static string Plain(string word) => string.Concat(word.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();

    private static string? One(IEnumerable<string> found) => found.Take(2).ToArray() is [var one] ? one : null;
}
