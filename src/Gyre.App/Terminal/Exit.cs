namespace Gyre.App.Terminal;

/// <summary>Exit codes of every command.</summary>
internal static class Exit
{
    public const int Done = 0;
    public const int WrongInput = 2;
    public const int Failed = 3;
    public const int Interrupted = 130;
}
