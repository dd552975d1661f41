using System.Runtime.InteropServices;
using Gyre.Lab.Models;
using Gyre.Lab.Specs;
using Gyre.Torch;
using Gyre.Torch.Exported;

namespace Gyre.Lab.Running;

/// <summary>Turns failures of a module from a user's file into sentences that name the file.</summary>
internal static class ModelFault
{
    /// <summary>
    /// Does work with the model of a spec. If the model is a file, libtorch's errors about it become a
    /// <see cref="ModelException"/>.
    /// </summary>
    /// <exception cref="ModelException">The module cannot be computed, or cannot be differentiated as often as
    /// curvature requires.</exception>
    public static T Named<T>(RunSpec spec, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error)
            when (spec.Model.File.Length > 0
                && error is GradientException or ExternalException
                && MemoryFault.TryFind(error) is null
            )
        {
            throw new ModelException(
                spec.Model.Name == ModelNames.Exported
                    ? ExportedProbe.Sentence(ExportedProgram.Open(spec.Model.File, spec.Model.Output), error)
                    : $"{spec.Model.File}: {Sentence(error)}"
            );
        }
    }

    private static string Sentence(Exception error) =>
        error is GradientException
            ? $"{LibTorchErrors.Line(error).TrimEnd('.')}. Curvature needs every operation of the module to be "
                + "differentiable twice, from the parameters to the outputs."
            : $"libtorch rejects the output of the module:  {LibTorchErrors.Line(error)}";
}
