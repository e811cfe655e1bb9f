namespace CallMirror.Capture.Hearing;

/// <summary>
/// Decides what is to be said of an interface: counts and the time since the start go in, sentences come out. What is wrong is said each time,
/// what is well only where it was not before.
/// </summary>
internal sealed class MirrorHearing(string device, CaptureOptions options)
{
    // Silence that is normal where the settings don't say, on a line that was heard before.
    private static readonly TimeSpan DefaultQuietFor = TimeSpan.FromMinutes(1);

    private HeardCounts _latest;
    private HeardCounts _before;
    private TimeSpan _beforeAt;
    private TimeSpan _nextAt = options.SayAfter;
    private TimeSpan? _packetAt;
    private TimeSpan? _sipAt;
    private TimeSpan? _rtpAt;
    private long _sipAtRtp;
    private HeardState? _said;

    /// <summary>What was heard of the calls last.</summary>
    public CallsHeard Calls => _latest.Calls;

    private TimeSpan? CallsAt => _sipAt is null || _rtpAt > _sipAt ? _rtpAt : _sipAt;

    private TimeSpan QuietFor => options.QuietFor switch
    {
        null => CallsAt is null ? options.SayAfter : DefaultQuietFor,
        { Ticks: 0 } => TimeSpan.MaxValue,
        { } said => said,
    };

    /// <summary>Takes what has come until now; what is to be said now, or null.</summary>
    public HeardLine? Hear(in HeardCounts counts, TimeSpan now)
    {
        Note(counts, now);
        if (now < _nextAt)
            return null;
        _nextAt += options.SayEvery * (1 + Math.Floor((now - _nextAt) / options.SayEvery));
        var state = StateAt(now);
        bool isProblem = IsProblem(state, now);
        var line = isProblem || IsNews(state) ? new HeardLine(SentenceOf(state, now), isProblem) : null;
        if (line is not null)
            _said = state;
        (_before, _beforeAt) = (counts, now);
        return line;
    }

    /// <summary>Neither SIP nor RTP has come for longer than is normal: a sentence that says so; null otherwise.</summary>
    public string? MissingAt(TimeSpan now) => IsMissing(now) ? SentenceOf(SilenceAt(now), now) : null;

    /// <summary>How long neither SIP nor RTP has come.</summary>
    public TimeSpan SilenceUntil(TimeSpan now) => now - (CallsAt ?? TimeSpan.Zero);

    private void Note(in HeardCounts counts, TimeSpan now)
    {
        if (counts.Packets > _latest.Packets)
            _packetAt = now;
        if (counts.Sip > _latest.Sip)
            _sipAt = now;
        if (counts.Rtp > _latest.Rtp)
            (_rtpAt, _sipAtRtp) = (now, counts.Sip);
        _latest = counts;
    }

    private HeardState StateAt(TimeSpan now)
    {
        var (sip, rtp, calls) = (_latest.Sip - _before.Sip, _latest.Rtp - _before.Rtp, _latest.Calls);
        if (IsMissing(now))
            return SilenceAt(now);
        // SIP is rare while people talk: it is enough that it came behind the last RTP.
        if (rtp == 0 && calls.Silent > 0 && _sipAt is not null && (_rtpAt is null || _rtpAt < _sipAt))
            return HeardState.SipButNoRtp;
        if (sip == 0 && rtp == 0)
            return _said is null ? SilenceAt(now) : HeardState.Quiet;
        if (rtp == 0)
            return HeardState.SipAlone;
        // A call or two may well be one-way; half of them are the mirror's doing.
        if (calls.OneWay > 0 && calls.OneWay >= calls.BothWays)
            return HeardState.RtpOneWay;
        return sip == 0 && calls.BySip == 0 ? HeardState.RtpButNoSip : HeardState.Well;
    }

    private HeardState SilenceAt(TimeSpan now)
    {
        if (_packetAt is not { } packetAt)
            return HeardState.NoPackets;
        // A dead mirror's interface still has packets of its own, such as ARP, now and then.
        if (CallsAt is null)
            return HeardState.NeitherSipNorRtp;
        return now - packetAt >= QuietFor ? HeardState.NoMorePackets : HeardState.NoMoreCalls;
    }

    private bool IsMissing(TimeSpan now) => SilenceUntil(now) >= QuietFor;

    private bool IsProblem(HeardState state, TimeSpan now) => state is HeardState.SipButNoRtp or HeardState.RtpOneWay || IsMissing(now);

    // That no call is up for a while is nothing new on a line that is well.
    private bool IsNews(HeardState state) =>
        state != HeardState.Quiet && state != _said && (_said, state) is not (HeardState.Well, HeardState.SipAlone);

    private string SentenceOf(HeardState state, TimeSpan now)
    {
        var silence = state == HeardState.NoMorePackets ? now - _packetAt!.Value : SilenceUntil(now);
        var figures = new HeardFigures(_latest.Packets - _before.Packets, now - _beforeAt, _latest.Sip - _sipAtRtp, _latest.Calls, silence);
        return $"{device}: {HeardWords.Of(state, figures)}";
    }
}
