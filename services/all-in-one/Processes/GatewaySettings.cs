using CallMirror.AllInOne.Commands;
using CallMirror.AllInOne.Embedded;

namespace CallMirror.AllInOne.Processes;

/// <summary>A listener as the settings of a gateway's process. They are its environment, which other users don't see.</summary>
internal static class GatewaySettings
{
    // What stands for a colon in the name of a setting.
    private const string Separator = "__";

    /// <exception cref="CommandException">A header's name can't be handed on.</exception>
    public static Dictionary<string, string> Of(Listener listener)
    {
        // Of headers that are given twice the last one counts, however it is written.
        var settings = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Gateway__Url"] = listener.Url.ToString(),
            ["Gateway__Group"] = listener.Group,
        };
        if (listener.BearerToken is { } token)
            settings["Gateway__BearerToken"] = token;
        if (listener.Subprotocol is { } subprotocol)
            settings["Gateway__Subprotocol"] = subprotocol;
        if (listener.AcceptsAnyCertificate)
            settings["Gateway__AcceptAnyCertificate"] = "true";
        if (listener.CaFile is { } authorities)
            settings["Gateway__CaFile"] = Path.GetFullPath(authorities);
        if (listener.Proxy is { } proxy)
            settings["Gateway__Proxy"] = proxy;
        foreach (var (name, value) in listener.Headers)
            settings["Gateway__Headers__" + Handed(name)] = value;
        return settings;
    }

    private static string Handed(string header) => header.Contains(Separator, StringComparison.Ordinal)
        ? throw new CommandException($"the header '{header}' has two underscores in a row, which the name of a setting has no place for; run takes it")
        : header;
}
