namespace Gyre.Torch.Exported;

/// <summary>
/// Thrown if a file is not an exported program that can be used here. The message states what the file is and what to
/// do.
/// </summary>
internal sealed class ExportedProgramException(string message, Exception? inner = null) : GyreException(message, inner);
