using Spectre.Console;

namespace CallMirror.AllInOne.Reporting;

/// <summary>Where a command writes to.</summary>
/// <param name="Result">What was asked for; stdout.</param>
/// <param name="Notes">What is said beside it; stderr.</param>
internal sealed record CommandOutput(TextWriter Result, TextWriter Notes)
{
    // Without a terminal there is no width to fit into, and a broken call-id can't be searched for.
    private const int UnboundedWidth = 240;

    /// <summary>The process's own stdout and stderr.</summary>
    public static CommandOutput Standard { get; } = new(Console.Out, Console.Error);

    /// <summary>Somebody watches the notes.</summary>
    public bool IsWatched => Notes == Console.Error && !Console.IsErrorRedirected;

    /// <summary>Writes a table to the result.</summary>
    public void Write(Table table)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Result) });
        if (!console.Profile.Out.IsTerminal)
            console.Profile.Width = UnboundedWidth;
        console.Write(table);
    }
}
