using CallMirror.Capture.Streams;
using CallMirror.Protocols.Rtp;

namespace CallMirror.Capture.Retiming;

/// <summary>How fast the packets of one sender come, against what they say.</summary>
internal sealed class StreamPace
{
    // Two seconds of the usual packets; fewer where there can be no doubt.
    private const int EnoughSteps = 100;
    private const int FewSteps = 20;

    // A sender that has been held up catches up for a moment, but not for seconds.
    private const double Fast = 1.3;
    private const double VeryFast = 4;

    // A pause is one long step. Where nearly all are twice as long as what was said in them, time is not what it says.
    private const double Slow = 2;
    private const double MostSteps = 0.8;

    private SequenceNumber _sequence;
    private RtpTimestamp _timestamp;
    private int _length;
    private long _timeNs;
    private long _audioNs;
    private long _elapsedNs;
    private int _steps;
    private int _slowSteps;

    /// <summary>Enough of it was seen.</summary>
    public bool IsMeasured => _steps >= FewSteps;

    /// <summary>Packets can't have come at these times from who talks as people do.</summary>
    public bool IsUnreal => IsMeasured && (IsFast || _slowSteps >= MostSteps * _steps);

    private bool IsFast => _audioNs > (_steps >= EnoughSteps ? Fast : VeryFast) * _elapsedNs;

    /// <summary>Takes a packet. Only where it follows the one before it by number and by timestamp do both clocks tell the same.</summary>
    public void Take(in RtpPacket packet, long timeNs)
    {
        if (_length > 0 && packet.SequenceNumber - _sequence == 1 && packet.Timestamp - _timestamp == _length)
            Measure(_length * MediaClock.NanosecondsPerSample, timeNs - _timeNs);
        (_sequence, _timestamp, _length, _timeNs) = (packet.SequenceNumber, packet.Timestamp, packet.Payload.Length, timeNs);
    }

    private void Measure(long audioNs, long elapsedNs)
    {
        _steps++;
        _audioNs += audioNs;
        _elapsedNs += Math.Max(0, elapsedNs);
        if (elapsedNs > Slow * audioNs)
            _slowSteps++;
    }
}
