using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace CallMirror.Protocols.Sdp;

/// <summary>What one side of a call says about its media (RFC 8866). Lines it does not know are ignored.</summary>
public sealed record SessionDescription
{
    /// <summary>The longest description that is read, in bytes.</summary>
    public const int MaxBytes = 65_536;

    /// <summary>The most m= lines that are read.</summary>
    public const int MaxMedia = 64;

    /// <summary>Of the o= line, as all Origin properties: null where that line is missing or too short.</summary>
    public string? OriginUser { get; init; }

    public string? SessionId { get; init; }

    /// <summary>Grows with each change of the description (RFC 3264 §8); text because it may exceed 64 bits.</summary>
    public string? SessionVersion { get; init; }

    /// <summary>The address or host name of the o= line.</summary>
    public string? OriginHost { get; init; }

    /// <summary>The s= line; null where it is missing or blank.</summary>
    public string? SessionName { get; init; }

    /// <summary>The session's c= line, which holds for media without one of their own; null where there is none or it names a host.</summary>
    public IPAddress? Connection { get; init; }

    /// <summary>That line's address or host name as written.</summary>
    public string? ConnectionHost { get; init; }

    /// <summary>One entry an m= line, in their order, which pairs offer and answer (RFC 3264 §6). May be empty.</summary>
    public IReadOnlyList<MediaDescription> Media { get; init; } = [];

    /// <summary>Reads a description. Line ends may be CRLF, LF or CR; only what the error enum lists is refused.</summary>
    public static bool TryParse(ReadOnlySpan<byte> data, [NotNullWhen(true)] out SessionDescription? sdp, out SdpError error)
    {
        sdp = null;
        error = data.Length > MaxBytes ? SdpError.TooLong : SdpError.None;
        if (error != SdpError.None) return false;

        ReadOnlySpan<char> text = Encoding.UTF8.GetString(data).AsSpan().Trim();
        if (text.IsEmpty) error = SdpError.Empty;
        else if (!SdpReader.IsLine(text)) error = SdpError.NotSdp;
        else sdp = new SdpReader().Read(text, out error);
        return sdp is not null;
    }
}
