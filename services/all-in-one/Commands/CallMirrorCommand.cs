using System.CommandLine;
using System.CommandLine.Invocation;
using System.Net.Sockets;
using CallMirror.Capture.Sources;
using CallMirror.ServiceDefaults.Startup;

namespace CallMirror.AllInOne.Commands;

/// <summary>The command line. Each verb is a file of its own.</summary>
internal static class CallMirrorCommand
{
    private const string Name = "callmirror";
    private const int Failure = 1;

    // What Ctrl-C may take: calls are ended, files finished.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(45);

    /// <summary>Runs a command line and returns its exit code; what goes wrong by the user's or the world's doing is one sentence on stderr.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = ShutdownTimeout };
        var root = Create();
        var parsed = root.Parse(args);
        if (args.Length == 0)
            await root.Parse("--help").InvokeAsync(configuration);
        if (parsed.Action is ParseErrorAction)
            return await FailAsync(Sentence(parsed));
        try
        {
            return await parsed.InvokeAsync(configuration);
        }
        catch (Exception e) when (Sentence(e) is { } sentence)
        {
            return await FailAsync(sentence);
        }
    }

    private static RootCommand Create() => new("Mirrors FreeSWITCH calls: packets in, live L16 audio over WebSocket out.")
    {
        RunCommand.Create(),
        DemoCommand.Create(),
        SinkCommand.Create(),
        ExtractCommand.Create(),
        DecodeCommand.Create(),
        PushCommand.Create(),
        ReplayCommand.Create(),
        DevicesCommand.Create(),
        UpCommand.Create(),
        LoadCommand.Create(),
        VersionCommand.Create(),
    };

    private static async Task<int> FailAsync(string sentence)
    {
        await Console.Error.WriteLineAsync($"{Name}: {sentence}");
        return Failure;
    }

    // Whoever gave a wrong option wants to know which one; the help is long and hides it.
    private static string Sentence(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        string problem = parsed.UnmatchedTokens is [var token, ..]
            ? $"\"{token}\" is not understood"
            : string.Join(' ', parsed.Errors[0].Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).TrimEnd('.');
        string verb = command is RootCommand ? Name : $"{Name} {command.Name}";
        return $"{problem}; {verb} --help explains";
    }

    private static string? Sentence(Exception e) => e switch
    {
        CommandException or CaptureException => e.Message,
        TypeInitializationException { InnerException: CaptureException inner } => inner.Message,
        IOException or UnauthorizedAccessException or SocketException => e.Message,
        OperationCanceledException => "stopped",
        _ => OptionsErrors.TryExplain(e, out var sentences) ? string.Join(" ", sentences) : null,
    };
}
