namespace Gyre.Torch.Exported;

/// <summary>
/// A file that is not an exported program which can be used here; the message says what it is and what to do.
/// </summary>
internal sealed class ExportedProgramException(string message, Exception? inner = null) : GyreException(message, inner);
