using System.Text;
using Gyre.Torch;

namespace Gyre.App.Terminal;

/// <summary>
/// Standard output or standard error that may be full or closed: what cannot be written stops nothing, and is said at
/// the end. Progress
/// that nobody sees is no reason to end a training. Nothing in a line steers a terminal, whatever name or file it is
/// from; what is not a
/// line (a console's colours, JSON) goes through as it is.
/// </summary>
internal sealed class OrderlyOutput(TextWriter inner) : TextWriter
{
    /// <summary>Why something could not be written; null where everything was.</summary>
    public string? Failure { get; private set; }

    /// <inheritdoc/>
    public override Encoding Encoding => inner.Encoding;

    /// <summary>Puts it before both streams of this process.</summary>
    /// <returns>Standard output.</returns>
    public static OrderlyOutput Install()
    {
        Console.SetError(new OrderlyOutput(Console.Error));
        var output = new OrderlyOutput(Console.Out);
        Console.SetOut(output);
        return output;
    }

    /// <summary>The exit code of a command whose results may not have reached anybody.</summary>
    /// <param name="code">Its own.</param>
    public int Conclude(int code)
    {
        Flush();
        if (Failure is null || code is Exit.WrongInput or Exit.Failed)
            return code;
        Console.Error.WriteLine(
            $"Standard output cannot be written: {Failure.TrimEnd('.')}. Free space, or send it elsewhere, "
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
