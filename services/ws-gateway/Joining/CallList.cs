using System.Text.Json.Serialization;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Joining;

/// <summary>The answer to <c>GET /v1/calls</c>.</summary>
internal sealed record CallList(IReadOnlyList<ListedCall> Calls);

/// <summary>A call that is up.</summary>
internal sealed record ListedCall
{
    public required string CallId { get; init; }

    /// <summary>The SIP Call-ID of a call that was found by its media, once SIP has told it.</summary>
    public required string? SipCallId { get; init; }

    public required string? CorrelationId { get; init; }

    /// <summary><c>ringing</c>, <c>answered</c>, <c>held</c>, or <c>found</c> by its media alone.</summary>
    public required string State { get; init; }

    public required string? From { get; init; }

    public required string? To { get; init; }

    public required DateTime StartedAt { get; init; }

    public required DateTime? AnsweredAt { get; init; }

    /// <summary>Who has joined it here.</summary>
    public required int Listeners { get; init; }

    public required IReadOnlyList<ListedStream> Streams { get; init; }

    /// <summary>The WebSocket of both roles together.</summary>
    public required string StereoPath { get; init; }

    public static ListedCall Of(KnownCall call, int listeners) => new()
    {
        CallId = call.CallId,
        SipCallId = call.Name?.CallId,
        CorrelationId = call.CorrelationId,
        State = call.State,
        From = call.From,
        To = call.To,
        StartedAt = call.StartedAt.UtcDateTime,
        AnsweredAt = call.AnsweredAt?.UtcDateTime,
        Listeners = listeners,
        Streams = [.. Enumerable.Range(0, StreamIdentity.Stereo).Select(role => ListedStream.Of(call, role))],
        StereoPath = JoinTarget.PathOf(call.CallId, StreamIdentity.Stereo),
    };
}

/// <summary>A role of a call that is up.</summary>
internal sealed record ListedStream
{
    private static readonly string[] NoAudio = ["TELEPHONE-EVENT", "CN"];

    public required int Role { get; init; }

    public required string Direction { get; init; }

    /// <summary>What was negotiated, none as long as nothing was.</summary>
    public required IReadOnlyList<string> Codecs { get; init; }

    public required bool Encrypted { get; init; }

    /// <summary>Its WebSocket.</summary>
    public required string Path { get; init; }

    public static ListedStream Of(KnownCall call, int role)
    {
        var negotiated = call.Streams.Where(stream => stream.Role == role).ToList();
        return new ListedStream
        {
            Role = role,
            Direction = StreamIdentity.RoleName(role),
            Codecs = [.. negotiated.SelectMany(stream => stream.Formats).Select(format => format.Encoding).Except(NoAudio)],
            Encrypted = negotiated.Count > 0 && negotiated.TrueForAll(stream => stream.Encrypted),
            Path = JoinTarget.PathOf(call.CallId, role),
        };
    }
}

/// <summary>Why a request is refused (RFC 9457).</summary>
internal sealed record Problem(int Status, string Title, string Detail);

/// <summary>JSON as the rest of the protocol has it.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(CallList))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class JoinJson : JsonSerializerContext;
