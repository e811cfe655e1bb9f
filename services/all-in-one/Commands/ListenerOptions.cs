using System.CommandLine;
using System.Net.Sockets;
using CallMirror.AllInOne.Embedded;
using CallMirror.WsGateway.Connections;

namespace CallMirror.AllInOne.Commands;

/// <summary>The options that say where audio is pushed to, and with what in its upgrade request.</summary>
internal sealed class ListenerOptions
{
    private const string TokenVariable = "CALLMIRROR_BEARER_TOKEN";
    private static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    private readonly Option<string?> _push = new("--push") { Description = "Listener to push to, ws:// or wss://.", HelpName = "URL" };

    public Option<string[]> Headers { get; } = new("--header")
    {
        Description = "Header of the WebSocket upgrade request, \"Name: value\"; may be repeated.",
        HelpName = "HEADER",
    };

    public Option<string?> BearerToken { get; } = new("--bearer")
    {
        Description = $"Bearer token of the WebSocket upgrade request; also from {TokenVariable}, where other users don't see it.",
        HelpName = "TOKEN",
    };

    private readonly Option<string?> _subprotocol = new("--subprotocol")
    {
        Description = "WebSocket subprotocol that is offered to the listener; several are separated by commas.",
        HelpName = "NAME",
    };

    private readonly Option<bool> _insecure = new("--insecure") { Description = "Take any certificate of a wss:// listener: for tests with a self-signed one." };

    private readonly Option<FileInfo?> _ca = new("--ca") { Description = "Trust the authorities of this PEM file, in place of the system's, for a wss:// listener.", HelpName = "FILE" };

    private readonly Option<string?> _proxy = new("--proxy")
    {
        Description = "HTTP proxy on the way to the listener, or none; without it that of the environment (https_proxy, http_proxy, no_proxy).",
        HelpName = "URL",
    };

    public void AddTo(Command command)
    {
        command.Add(Headers);
        command.Add(BearerToken);
        command.Add(_subprotocol);
        command.Add(_insecure);
        command.Add(_ca);
        command.Add(_proxy);
    }

    /// <summary>For a verb that pushes where <c>--push</c> is given.</summary>
    public void AddWithPushTo(Command command)
    {
        command.Add(_push);
        AddTo(command);
    }

    /// <summary>The listener of <c>--push</c>; null where there is none.</summary>
    /// <exception cref="CommandException">The URL or a header is not valid.</exception>
    public Listener? ReadPush(ParseResult parsed, string group) => parsed.GetValue(_push) is { } url ? Read(parsed, group, url) : null;

    /// <summary>The listener at a URL.</summary>
    /// <exception cref="CommandException">The URL or a header is not valid.</exception>
    public Listener Read(ParseResult parsed, string group, string url)
    {
        if (!ListenerUrl.TryParse(url, out var uri, out string? problem))
            throw new CommandException(problem);
        var token = parsed.GetValue(BearerToken) ?? Environment.GetEnvironmentVariable(TokenVariable);
        var listener = new Listener(group, uri, [.. (parsed.GetValue(Headers) ?? []).Select(Header)], token)
        {
            Subprotocol = parsed.GetValue(_subprotocol),
            AcceptsAnyCertificate = parsed.GetValue(_insecure),
            CaFile = parsed.GetValue(_ca)?.FullName,
            Proxy = parsed.GetValue(_proxy),
        };
        return listener.Problem is null ? listener : throw new CommandException(listener.Problem);
    }

    /// <summary>Says at once where nobody listens, before any packet is read. Packets of an interface can't wait for the listener, but it can come later.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="isLive">Whether packets come from an interface.</param>
    /// <param name="note">Hears, of a live capture, that the listener is waited for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="CommandException">There is no connection to be had, for a file.</exception>
    public static async Task ProbeAsync(Listener listener, bool isLive, Action<string> note, CancellationToken cancellationToken)
    {
        try
        {
            await ProbeAsync(listener, cancellationToken);
        }
        catch (CommandException e) when (isLive)
        {
            note($"{e.Message}; calls wait for it");
        }
    }

    /// <summary>Says at once where nobody listens.</summary>
    /// <exception cref="CommandException">There is no connection to be had.</exception>
    public static async Task ProbeAsync(Listener listener, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ProbeTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await using var reached = await ListenerRoute.OpenAsync(listener.Url, listener.Gateway(), TimeProvider.System, either.Token);
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            throw new CommandException($"no listener at {listener.Url}: {e.Message}", e);
        }
        catch (OperationCanceledException e) when (timeout.IsCancellationRequested)
        {
            throw new CommandException($"no listener at {listener.Url}: no answer within {ProbeTimeout.TotalSeconds:0} s", e);
        }
    }

    private static KeyValuePair<string, string> Header(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? new(text[..colon].Trim(), text[(colon + 1)..].Trim())
            : throw new CommandException($"\"{text}\" is not a header; one looks like \"Name: value\"");
    }
}
