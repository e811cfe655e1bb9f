using System.CommandLine;
using System.Globalization;
using System.Net;

namespace CallMirror.AllInOne.Commands;

/// <summary><c>--http</c>: where a run tells how it is.</summary>
internal static class HttpOption
{
    private const string Example = "an IP address and a port, such as 127.0.0.1:8091";
    private const string LocalHost = "localhost";

    public static Option<string?> Create() => new("--http")
    {
        Description = "Serve /health, /metrics and a page while it runs: the page of the own listener, with its calls and their audio; "
            + "where --push is given without --sink, how far the run is. Port 0 = a free one. Whoever reaches the port sees it all.",
        HelpName = "HOST:PORT",
    };

    /// <summary>The address that was given; null where none was.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static IPEndPoint? Read(string? text)
    {
        if (text is null)
            return null;
        int colon = text.LastIndexOf(':');
        return colon > 0 && AddressOf(text[..colon]) is { } address && PortOf(text[(colon + 1)..]) is { } port
            ? new IPEndPoint(address, port)
            : throw new CommandException($"\"{text}\" is nothing to serve at; say {Example}");
    }

    // IPv6 in brackets, as in a URL.
    private static IPAddress? AddressOf(string host)
    {
        if (host.Equals(LocalHost, StringComparison.OrdinalIgnoreCase))
            return IPAddress.Loopback;
        bool isBracketed = host is ['[', .., ']'];
        if (!IPAddress.TryParse(isBracketed ? host[1..^1] : host, out var address))
            return null;
        // 8091 alone would be 0.0.31.155.
        return (isBracketed ? host.Contains(':') : host.Count(c => c == '.') == 3) ? address : null;
    }

    private static int? PortOf(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int port) && port <= IPEndPoint.MaxPort ? port : null;
}
