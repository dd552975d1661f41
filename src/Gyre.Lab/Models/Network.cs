using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Gyre.Lab.Models;

/// <summary>A module that makes its parameters from drawn values; disposing it releases them.</summary>
public abstract class Network : nn.Module<Tensor, Tensor>
{
    /// <summary>Names it.</summary>
    protected Network(string name) : base(name) { }

    /// <summary>Makes a parameter of a value, copied to the dtype and device asked for, and registers it.</summary>
    protected Parameter Own(string name, Tensor value, ModelRequest request)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(request);
        var parameter = new Parameter(value.to(request.Dtype, request.Device, copy: true));
        parameter.DetachFromDisposeScope();
        register_parameter(name, parameter);
        return parameter;
    }
}
