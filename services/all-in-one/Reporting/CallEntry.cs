using CallMirror.Contracts.Calls;

namespace CallMirror.AllInOne.Reporting;

/// <summary>One call of a run.</summary>
/// <param name="callId">The SIP Call-ID.</param>
/// <param name="take">1, or 2 for the second call of the same Call-ID, and so on.</param>
internal sealed class CallEntry(string callId, int take = 1)
{
    private readonly StreamQuality?[] _quality = new StreamQuality?[2];
    private IReadOnlyList<string> _agreed = [];
    private IReadOnlyList<string> _offered = [];

    public string CallId { get; } = callId;

    /// <summary>1, or 2 for the second call of the same Call-ID, and so on.</summary>
    public int Take { get; } = take;

    /// <summary>The Call-ID that SIP gave it, where it was found by its media.</summary>
    public string? SipCallId { get; private set; }

    public string? CorrelationId { get; private set; }

    public string? From { get; private set; }

    public string? To { get; private set; }

    public DateTimeOffset? StartedAt { get; private set; }

    public DateTimeOffset? AnsweredAt { get; private set; }

    public DateTimeOffset? EndedAt { get; private set; }

    public EndReason? EndReason { get; private set; }

    public int? StatusCode { get; private set; }

    /// <summary>How often it was put on hold.</summary>
    public int Holds { get; private set; }

    /// <summary>All codecs that were agreed on, of each time the most wanted first. Of media that runs on an offer alone, those that were offered.</summary>
    public IReadOnlyList<string> Codecs => _agreed.Count > 0 || !_quality.Any(quality => quality is not null) ? _agreed : _offered;

    public bool IsEncrypted { get; private set; }

    /// <summary>Something of it can be heard.</summary>
    public bool HasAudio => _quality.Any(quality => quality?.Samples > 0);

    /// <summary>RTP packets that were its, of both roles.</summary>
    public long RtpPackets => _quality.Sum(quality => quality?.Packets ?? 0);

    /// <summary>What capture measured of a role, or null where it had no RTP.</summary>
    public StreamQuality? Quality(int role) => _quality[role];

    public void Apply(CallEvent callEvent)
    {
        CorrelationId ??= callEvent.CorrelationId;
        SipCallId ??= callEvent.SipCallId;
        switch (callEvent)
        {
            case CallStarted started:
                (From, To, StartedAt) = (started.From, started.To, started.At);
                break;
            case CallAnswered:
                AnsweredAt ??= callEvent.At;
                break;
            case MediaNegotiated negotiated:
                Apply(negotiated);
                break;
            case CallHeld:
                Holds++;
                break;
            case CallEnded ended:
                (EndedAt, EndReason, StatusCode) = (ended.At, ended.Reason, ended.StatusCode);
                break;
            case StreamQuality quality when quality.Role is 0 or 1:
                _quality[quality.Role] = quality;
                break;
        }
    }

    private void Apply(MediaNegotiated negotiated)
    {
        From ??= negotiated.From;
        To ??= negotiated.To;
        StartedAt ??= negotiated.StartedAt;
        IsEncrypted |= negotiated.Streams.Any(stream => stream.Encrypted);
        _offered = [.. _offered.Union(CodecsOf(negotiated.Streams))];
        _agreed = [.. _agreed.Union(CodecsOf(negotiated.Streams.Where(stream => stream is { Sender: not null, Receiver: not null })))];
    }

    private static IEnumerable<string> CodecsOf(IEnumerable<NegotiatedStream> streams) =>
        streams.SelectMany(stream => stream.Formats).Select(format => format.Encoding).Where(encoding => encoding is not ("TELEPHONE-EVENT" or "CN"));
}
