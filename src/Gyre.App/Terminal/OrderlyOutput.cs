using System.Text;
using Gyre.Torch;

namespace Gyre.App.Terminal;

/// <summary>
/// Standard output or standard error that may be full or closed. A failed write stops nothing, since unseen progress
/// is no reason to end a training, and is reported at the end. Nothing in a line controls the terminal, whatever name
/// or file it comes from; anything else than a line (a console's colors, JSON) passes through unchanged.
/// </summary>
internal sealed class OrderlyOutput(TextWriter inner) : TextWriter
{
    /// <summary>Why a write failed; null if all writes succeeded.</summary>
    public string? Failure { get; private set; }

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Wraps both output streams of this process.</summary>
    /// <returns>The wrapper of standard output.</returns>
    public static OrderlyOutput Install()
    {
        Console.SetError(new OrderlyOutput(Console.Error));
        var output = new OrderlyOutput(Console.Out);
        Console.SetOut(output);
        return output;
    }

    /// <summary>Returns the exit code of a command whose results may not have been written.</summary>
    /// <param name="code">The command's own exit code.</param>
    public int Conclude(int code)
    {
        Flush();
        if (Failure is null || code is Exit.WrongInput or Exit.Failed)
            return code;
        Console.Error.WriteLine(
            $"Standard output cannot be written: {Failure.TrimEnd('.')}. Free some space, or redirect it, "
                + "and give the same command again."
        );
        return Exit.WrongInput;
    }

    /// <inheritdoc/>
    public override void Write(char value) => Guarded(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(string? value) => Guarded(() => inner.Write(value));

    /// <inheritdoc/>
    public override void Write(char[] buffer, int index, int count) => Guarded(() => inner.Write(buffer, index, count));

    /// <inheritdoc/>
    public override void WriteLine(string? value) => Guarded(() => inner.WriteLine(PlainText.Escape(value ?? "")));

    /// <inheritdoc/>
    public override void Flush() => Guarded(inner.Flush);

    private void Guarded(Action write)
    {
        try
        {
            write();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Failure ??= error is UnauthorizedAccessException or ObjectDisposedException
                ? "it is closed"
                : error.Message;
        }
    }
}
