using CallMirror.Contracts;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Joining;

/// <summary>What has been said of a call that is up.</summary>
internal sealed record KnownCall
{
    /// <summary>The SIP Call-ID.</summary>
    public required string CallId { get; init; }

    /// <summary>What SIP has told of it, where it was found by its media.</summary>
    public CallName? Name { get; init; }

    public string? CorrelationId { get; init; }

    public string? From { get; init; }

    public string? To { get; init; }

    /// <summary>The call's epoch: position 0.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Its name: another call may have the same Call-ID.</summary>
    public CallKey Key => new(CallId, CaptureTime.ToNanoseconds(StartedAt));

    public DateTimeOffset? AnsweredAt { get; init; }

    /// <summary>Known by its media alone: no SIP was seen.</summary>
    public bool IsFound { get; init; }

    /// <summary>The roles that hold, a bit each.</summary>
    public int Holds { get; init; }

    /// <summary>What was negotiated of each role, by role; several of one where several dialogs or offers count at once.</summary>
    public IReadOnlyList<NegotiatedStream> Streams { get; init; } = [];

    /// <summary>Where it stands: <c>ringing</c>, <c>answered</c>, <c>held</c> or <c>found</c>.</summary>
    public string State => Holds != 0 ? "held" : AnsweredAt is not null ? "answered" : IsFound ? "found" : "ringing";

    /// <summary>Nothing of it can be decoded.</summary>
    public bool IsEncrypted => Streams.Count > 0 && Streams.All(stream => stream.Encrypted);

    /// <summary>What a negotiation says replaces what was known.</summary>
    public KnownCall With(MediaNegotiated media) => this with
    {
        From = media.From ?? From,
        To = media.To ?? To,
        Name = CallName.Of(media) ?? Name,
        IsFound = media.IsFound,
        Streams = [.. media.Streams.OrderBy(stream => stream.Role)],
    };
}
