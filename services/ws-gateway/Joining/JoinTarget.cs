using CallMirror.WsGateway.Protocol;

namespace CallMirror.WsGateway.Joining;

/// <summary>What a request asks for.</summary>
internal enum JoinTargetKind
{
    /// <summary>Nothing that is here.</summary>
    Unknown,

    /// <summary><c>/v1/calls</c>: the calls that are up.</summary>
    Calls,

    /// <summary><c>/v1/calls/{call-id}/{role}</c>: a stream of one.</summary>
    Stream,
}

/// <summary>A request's target. Call-IDs may hold all but white space, slashes too, so each segment is decoded by itself.</summary>
/// <param name="Kind">What it asks for.</param>
/// <param name="CallId">The Call-ID of a stream.</param>
/// <param name="Role">Its role, or <see cref="StreamIdentity.Stereo"/>; null where that is none of them.</param>
internal readonly record struct JoinTarget(JoinTargetKind Kind, string CallId, int? Role)
{
    /// <summary>Where the calls are listed.</summary>
    public const string CallsPath = "/v1/calls";

    private static readonly string[] Roles = ["0", "1", "stereo"];

    /// <summary>The path of a stream, percent-encoded.</summary>
    public static string PathOf(string callId, int role) => $"{CallsPath}/{Uri.EscapeDataString(callId)}/{Roles[role]}";

    /// <summary>Reads the target of a request line (RFC 9112 §3.2.1).</summary>
    public static JoinTarget Parse(string target)
    {
        string path = target.Split('?', 2)[0];
        string[] rest = path.StartsWith(CallsPath, StringComparison.Ordinal) ? path[CallsPath.Length..].Split('/') : [];
        return rest switch
        {
            [""] or ["", ""] => new JoinTarget(JoinTargetKind.Calls, "", null),
            ["", { Length: > 0 } callId, var role] => new JoinTarget(JoinTargetKind.Stream, Uri.UnescapeDataString(callId), RoleOf(role)),
            _ => new JoinTarget(JoinTargetKind.Unknown, "", null),
        };
    }

    private static int? RoleOf(string word) => Array.IndexOf(Roles, word) is >= 0 and var role ? role : null;
}
