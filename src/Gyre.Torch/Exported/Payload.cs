namespace Gyre.Torch.Exported;

/// <summary>One tensor of an archive, as its configuration describes it.</summary>
/// <param name="Entry">Name of the entry that holds its storage, in its folder.</param>
/// <param name="IsParameter">Whether it is a parameter rather than a buffer.</param>
/// <param name="IsPickle">Whether the entry is a file of <c>torch.save</c> rather than raw bytes.</param>
/// <param name="Tensor">Null for an object that is not a tensor.</param>
internal sealed record Payload(string Entry, bool IsParameter, bool IsPickle, GraphTensor? Tensor);
