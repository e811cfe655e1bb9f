using System.Diagnostics.CodeAnalysis;

namespace CallMirror.WsGateway.Connections;

/// <summary>Which HTTP proxy a listener is reached through.</summary>
internal static class ListenerProxy
{
    /// <summary>The setting for no proxy, whatever the environment says.</summary>
    public const string None = "none";

    /// <summary>Reads a setting: <c>http://[user:password@]host:port</c>, or <c>none</c>, of which <paramref name="proxy"/> is null.</summary>
    public static bool TryParse(string text, out Uri? proxy, [NotNullWhen(false)] out string? problem)
    {
        (proxy, problem) = (null, null);
        if (text == None)
            return true;
        bool isUrl = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0;
        // What is wrong may hold a password, so it is not repeated.
        if (!isUrl || url!.PathAndQuery is not "/" || url.Fragment.Length > 0)
            problem = $"the proxy must look like http://host:port or http://user:password@host:port; '{None}' is for none";
        else
            proxy = url;
        return problem is null;
    }

    /// <summary>
    /// The proxy on the way to <paramref name="listener"/>; null where there is none. Without a setting the environment's is taken (<c>http_proxy</c> for
    /// <c>ws</c>, <c>https_proxy</c> for <c>wss</c>, <c>all_proxy</c>, <c>no_proxy</c>), but not to a listener of this machine, which no proxy reaches.
    /// </summary>
    public static Uri? To(Uri listener, string? setting)
    {
        if (setting is { Length: > 0 })
            return TryParse(setting, out var proxy, out string? problem) ? proxy : throw new ArgumentException(problem, nameof(setting));
        var environment = HttpClient.DefaultProxy;
        return listener.IsLoopback || environment.IsBypassed(listener) ? null : environment.GetProxy(listener);
    }
}
