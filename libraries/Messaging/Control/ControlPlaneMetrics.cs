using System.Diagnostics.Metrics;
using System.Runtime.Serialization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace CallMirror.Messaging.Control;

/// <summary>What the control plane counts, under the meter <c>CallMirror.Messaging</c>, with one line of log for each.</summary>
internal sealed partial class ControlPlaneMetrics
{
    private readonly Counter<long> _dead;
    private readonly ILogger<ControlPlaneMetrics> _logger;

    public ControlPlaneMetrics(IMeterFactory meters, ILogger<ControlPlaneMetrics> logger)
    {
        _logger = logger;
        _dead = meters.Create("CallMirror.Messaging").CreateCounter<long>(
            "callmirror.messaging.dead_letters", "{message}", "Control messages that could not be handled, by queue and reason");
    }

    /// <summary>A message went to the dead letters: it could not be read, was of no known type, or its consumer threw.</summary>
    public void Died(ControlEndpoint endpoint, Exception? exception)
    {
        string reason = exception switch
        {
            null => "unknown-type",
            _ when IsUnreadable(exception) => "unreadable",
            _ => "failed",
        };
        string queue = QueueTag(endpoint);
        _dead.Add(1, new KeyValuePair<string, object?>("queue", queue), new KeyValuePair<string, object?>("reason", reason));
        Log.Died(_logger, queue, reason, exception?.GetBaseException().Message);
    }

    // The queue of a process ends in its id, which would make a time series each.
    private static string QueueTag(ControlEndpoint endpoint) => endpoint.Temporary ? string.Join('.', endpoint.Queue.Split('.').Take(2)) : endpoint.Queue;

    private static bool IsUnreadable(Exception? exception) =>
        exception is not null && (exception is SerializationException or JsonException || IsUnreadable(exception.InnerException));

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "A message of {Queue} went to the dead letters: {Reason} {Message}")]
        public static partial void Died(ILogger logger, string queue, string reason, string? message);
    }
}
