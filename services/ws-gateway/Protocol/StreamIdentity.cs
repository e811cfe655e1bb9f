using System.Globalization;
using CallMirror.Contracts.Naming;

namespace CallMirror.WsGateway.Protocol;

/// <summary>What a listener is told about a stream, whatever the connection.</summary>
internal sealed record StreamIdentity
{
    /// <summary>The SIP Call-ID.</summary>
    public required string CallId { get; init; }

    /// <summary>Both roles in one stream, caller left and callee right: only for who joins.</summary>
    public const int Stereo = 2;

    /// <summary>0 = caller, 1 = callee, or <see cref="Stereo"/>.</summary>
    public required int Role { get; init; }

    /// <summary>The From URI, where known.</summary>
    public string? From { get; init; }

    /// <summary>The To URI, where known.</summary>
    public string? To { get; init; }

    /// <summary>The call's epoch: position 0.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>W3C trace context of the call's push.</summary>
    public required string TraceParent { get; init; }

    /// <summary>The stream's tag, <c>&lt;call-id&gt;-&lt;role&gt;</c>.</summary>
    public string Tag => field ??= IsStereo ? $"{StreamTag.For(CallId, 0)[..^1]}stereo" : StreamTag.For(CallId, Role);

    /// <summary>Both roles.</summary>
    public bool IsStereo => Role == Stereo;

    /// <summary>Samples at each position.</summary>
    public int Channels => IsStereo ? 2 : 1;

    /// <summary><c>caller</c>, <c>callee</c> or <c>both</c>.</summary>
    public string Direction => IsStereo ? "both" : RoleName(Role);

    /// <summary><see cref="StartedAt"/> as RFC 3339, UTC.</summary>
    public string StartedAtText => StartedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'Z'", CultureInfo.InvariantCulture);

    /// <summary>The word for a role.</summary>
    public static string RoleName(int role) => role == 0 ? "caller" : "callee";
}
