using System.Net;
using CallMirror.Contracts.Calls;
using CallMirror.Protocols.Sdp;

namespace CallMirror.SipTracker.Calls;

/// <summary>One m= line of a session description, as far as it tells where audio goes and what it is.</summary>
internal sealed record MediaLine
{
    /// <summary>What stands for a line that is no audio: it keeps its place, because offer and answer pair by place (RFC 3264 §6).</summary>
    public static readonly MediaLine Other = new();

    /// <summary>Audio that is not refused by port 0 (RFC 3264 §6).</summary>
    public bool IsAudio { get; init; }

    /// <summary>Where this party wants its audio, <c>address:port</c>; null for a host name and for <c>c=0.0.0.0</c>.</summary>
    public string? Address { get; init; }

    public MediaDirection Direction { get; init; }

    /// <summary>Held the old way, with <c>c=0.0.0.0</c> (RFC 3264 §8.4).</summary>
    public bool IsBlackHole { get; init; }

    public bool IsEncrypted { get; init; }

    public PayloadFormat[] Formats { get; init; } = [];

    /// <summary>This party does not want to hear the other (RFC 3264 §8.4).</summary>
    public bool Holds => IsBlackHole || Direction is MediaDirection.SendOnly or MediaDirection.Inactive;

    /// <summary>This party says that it sends.</summary>
    public bool Sends => Direction is MediaDirection.SendRecv or MediaDirection.SendOnly;

    /// <summary>This party says that it hears the other.</summary>
    public bool Receives => !IsBlackHole && Direction is (MediaDirection.SendRecv or MediaDirection.RecvOnly);

    /// <summary>All lines of a description, in its order.</summary>
    public static MediaLine[] Of(SessionDescription sdp) => [.. sdp.Media.Select(Of)];

    private static MediaLine Of(MediaDescription media)
    {
        if (media.Port == 0 || !media.Media.Equals("audio", StringComparison.OrdinalIgnoreCase))
            return Other;
        return new MediaLine
        {
            IsAudio = true,
            Address = AddressOf(media),
            Direction = media.Direction,
            IsBlackHole = media.IsOnHoldByAddress,
            IsEncrypted = media.IsEncrypted,
            Formats = [.. media.Formats.Where(format => format.EncodingName.Length > 0).Select(Format)],
        };
    }

    private static string? AddressOf(MediaDescription media) =>
        media.Connection is { } address && !media.IsOnHoldByAddress ? new IPEndPoint(address, media.Port).ToString() : null;

    private static PayloadFormat Format(RtpPayloadFormat format) => new()
    {
        PayloadType = format.PayloadType,
        Encoding = format.EncodingName.ToUpperInvariant(),
        ClockRate = format.ClockRate,
    };
}
