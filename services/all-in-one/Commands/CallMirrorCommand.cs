using System.CommandLine;
using CallMirror.Capture.Sources;
using Microsoft.Extensions.Options;

namespace CallMirror.AllInOne.Commands;

/// <summary>The command line. Each verb is a file of its own.</summary>
internal static class CallMirrorCommand
{
    private const int Failure = 1;

    // What Ctrl-C may take: calls are ended, files finished.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Runs a command line and returns its exit code; what goes wrong by the user's or the world's doing is one sentence on stderr.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = ShutdownTimeout };
        try
        {
            return await Create().Parse(args).InvokeAsync(configuration);
        }
        catch (Exception e) when (Sentence(e) is { } sentence)
        {
            await Console.Error.WriteLineAsync($"callmirror: {sentence}");
            return Failure;
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
        DevicesCommand.Create(),
        VersionCommand.Create(),
    };

    private static string? Sentence(Exception e) => e switch
    {
        CommandException or CaptureException => e.Message,
        OptionsValidationException validation => string.Join("; ", validation.Failures),
        TypeInitializationException { InnerException: CaptureException inner } => inner.Message,
        IOException or UnauthorizedAccessException => e.Message,
        OperationCanceledException => "stopped",
        _ => null,
    };
}
