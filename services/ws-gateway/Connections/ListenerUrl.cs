using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace CallMirror.WsGateway.Connections;

/// <summary>The address of a listener.</summary>
public static class ListenerUrl
{
    // RFC 9110 §5.6.2, token.
    private static readonly SearchValues<char> TokenCharacters =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>Reads a WebSocket URL; <paramref name="problem"/> is one sentence for the user.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? url, [NotNullWhen(false)] out string? problem)
    {
        problem = null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out url) || url.Scheme is not ("ws" or "wss") || url.Host.Length == 0)
            problem = $"'{text}' is no WebSocket URL: it must look like ws://host:port/path or wss://host/path";
        else if (url.UserInfo.Length > 0)
            problem = $"the URL of the listener at {url.Host} holds a user name: use a header or a bearer token instead";
        else if (url.Fragment.Length > 0)
            problem = $"'{text}' ends in a fragment, which a WebSocket URL can't have";
        if (problem is not null)
            url = null;
        return url is not null;
    }

    /// <summary>What may stand behind a header's name (RFC 9110 §5.5): ASCII, and no line break, which would begin another header.</summary>
    internal static bool IsHeaderValue(string value) => value.All(character => character is '\t' or (>= ' ' and <= '~'));

    internal static bool IsHeaderName(string name) => name.Length > 0 && !name.AsSpan().ContainsAnyExcept(TokenCharacters);
}
