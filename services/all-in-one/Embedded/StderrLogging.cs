using Microsoft.Extensions.Logging.Console;

namespace CallMirror.AllInOne.Embedded;

/// <summary>Log lines of a command: one line each, on stderr, so that stdout holds the result alone.</summary>
internal static class StderrLogging
{
    /// <summary>For the sink, which is none of the host's services.</summary>
    public static ILoggerFactory CreateForSink(LogLevel level) => LoggerFactory.Create(logging => logging.AddStderr(level));

    public static void AddStderr(this ILoggingBuilder logging, LogLevel level)
    {
        logging.SetMinimumLevel(level);
        logging.AddFilter("MassTransit", LogLevel.Warning).AddFilter("Microsoft", LogLevel.Warning);
        // What is not well is said by whoever asks.
        logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        // A host logs with a stack trace why it can't start, which is also what it throws.
        logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.None);
        logging.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.ColorBehavior = LoggerColorBehavior.Disabled;
            console.TimestampFormat = "HH:mm:ss.fff ";
            console.UseUtcTimestamp = true;
        });
    }
}
