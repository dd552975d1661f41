namespace Gyre.Torch.Exported;

/// <summary>One stored tensor of an archive, as its configuration describes it.</summary>
/// <param name="Entry">The name of the entry with its storage, within its folder.</param>
/// <param name="IsParameter">Whether it is a parameter rather than a buffer.</param>
/// <param name="IsPickle">Whether the entry is a <c>torch.save</c> file rather than raw bytes.</param>
/// <param name="Tensor">The tensor's shape and dtype, or null for an object that is not a tensor.</param>
internal sealed record Payload(string Entry, bool IsParameter, bool IsPickle, GraphTensor? Tensor);
