using System.ComponentModel.DataAnnotations;
using CallMirror.WsGateway.Connections;

namespace CallMirror.WsGateway;

/// <summary>How one gateway of a process pushes.</summary>
public sealed class WsGatewayOptions : IValidatableObject
{
    /// <summary>The group that a gateway belongs to where none is named.</summary>
    public const string DefaultGroup = "default";

    /// <summary>The listener, <c>ws://</c> or <c>wss://</c>.</summary>
    [Required(ErrorMessage = "a gateway needs the URL of its listener")]
    public string? Url { get; set; }

    /// <summary>Headers of the upgrade request.</summary>
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Sent as <c>Authorization: Bearer …</c> (RFC 6750 §2.1).</summary>
    public string? BearerToken { get; set; }

    /// <summary>Subprotocols that are offered to the listener, separated by commas (RFC 6455 §1.9). The header <c>Sec-WebSocket-Protocol</c> wins over it.</summary>
    public string? Subprotocol { get; set; }

    /// <summary>Takes any certificate of a <c>wss://</c> listener: for tests with a self-signed one.</summary>
    public bool AcceptAnyCertificate { get; set; }

    /// <summary>A PEM file of the authorities that a <c>wss://</c> listener's certificate must come from; null trusts the system's.</summary>
    public string? CaFile { get; set; }

    /// <summary>
    /// The HTTP proxy that the listener is reached through, <c>http://[user:password@]host:port</c>; <c>none</c> for none. Null takes the environment's
    /// (<c>https_proxy</c>, <c>http_proxy</c>, <c>no_proxy</c>), but not to a listener of this machine.
    /// </summary>
    public string? Proxy { get; set; }

    /// <summary>Media time that a missing chunk is waited for; null = as long as it takes, for a file, of which nothing gets lost.</summary>
    public TimeSpan? LateLimit { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Bytes of one call in chunks that wait for an earlier one.</summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public long MaxHeldBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>The same of all calls together.</summary>
    [Range(64 * 1024, 1L << 40)]
    public long MaxHeldBytesInAll { get; set; } = 1024 * 1024 * 1024;

    /// <summary>Time without any chunk after which those that wait go on, and after which a role that never got an end no longer keeps its call.</summary>
    public TimeSpan StallLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Time without any chunk after which a call is taken for over.</summary>
    public TimeSpan IdleLimit { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Time that a call of which nothing has come is still followed when SIP has ended it: as long as anything may be on its way.</summary>
    public TimeSpan EmptyLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How much audio of a stream is kept until the listener has acknowledged it, once it has acknowledged nothing for <see cref="AwaitLimit"/>.</summary>
    public TimeSpan KeepLimit { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long, by the clock, a listener that acknowledges is waited for with all that was sent to it, and how much audio that may be: it may be busy, and dies with what it has not read.
    /// </summary>
    public TimeSpan AwaitLimit { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Time without a working connection after which a stream has failed; null = never.</summary>
    public TimeSpan? GiveUpAfter { get; set; }

    /// <summary>For TCP and TLS together.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>For the listener's answer to the upgrade: a recogniser may load its model first.</summary>
    public TimeSpan UpgradeTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>For one write to the socket.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// For the very first answer to a start, which tells a listener that acknowledges from a plain one; a plain one's first streams begin that much later. One that answers later
    /// is known by that answer.
    /// </summary>
    public TimeSpan ProbeTimeout { get; set; } = TimeSpan.FromMilliseconds(250);

    /// <summary>For the listener's answer to a start, where it is known to acknowledge.</summary>
    public TimeSpan AckTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>For the listener's part of the closing handshake (RFC 6455 §7.1.1).</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Between the words that keep an idle connection open; zero = none.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Beyond <see cref="PingInterval"/>, how long a listener's host may take nothing of what was sent before it counts as gone (RFC 5482).</summary>
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Calls followed at a time; the media of more is refused and counted.</summary>
    [Range(1, 1_000_000)]
    public int MaxCalls { get; set; } = 10_000;

    /// <summary>Streams that have ended whose figures are kept.</summary>
    [Range(0, 1_000_000)]
    public int MaxEndedStreams { get; set; } = 10_000;

    /// <summary>How long a stop may take.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// No other gateway of the group is there to go on with a call: a stop ends all streams (reason <c>stopped</c>), and the lane of a call that can't be
    /// followed is deleted.
    /// </summary>
    public bool EndOnStop { get; set; }

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Url is not null && !ListenerUrl.TryParse(Url, out _, out string? problem))
            yield return new ValidationResult(problem, [nameof(Url)]);
        foreach (var (name, value) in Headers)
            if (!ListenerUrl.IsHeaderName(name))
                yield return new ValidationResult($"'{name}' is no HTTP header name", [nameof(Headers)]);
            else if (!ListenerUrl.IsHeaderValue(value))
                yield return new ValidationResult($"the value of the header '{name}' holds a line break or another character that HTTP has no place for", [nameof(Headers)]);
        if (CaFile is not null && !File.Exists(CaFile))
            yield return new ValidationResult($"there is no file {CaFile} with certificates of authorities", [nameof(CaFile)]);
        if (Proxy is { Length: > 0 } && !ListenerProxy.TryParse(Proxy, out _, out string? noProxy))
            yield return new ValidationResult(noProxy, [nameof(Proxy)]);
        if (Subprotocol is not null && !ListenerUrl.IsHeaderValue(Subprotocol))
            yield return new ValidationResult("the subprotocol holds a line break or another character that HTTP has no place for", [nameof(Subprotocol)]);
        if (BearerToken is not null && !ListenerUrl.IsHeaderValue(BearerToken))
            yield return new ValidationResult("the bearer token holds a line break or another character that HTTP has no place for", [nameof(BearerToken)]);
        foreach (var (name, value) in Durations())
            if (value <= TimeSpan.Zero || value > TimeSpan.FromDays(7))
                yield return new ValidationResult($"{name} must be more than nothing and at most a week", [name]);
        if (PingInterval < TimeSpan.Zero)
            yield return new ValidationResult($"{nameof(PingInterval)} must not be negative", [nameof(PingInterval)]);
    }

    private (string Name, TimeSpan Value)[] Durations() =>
    [
        (nameof(LateLimit), LateLimit ?? StallLimit),
        (nameof(StallLimit), StallLimit),
        (nameof(IdleLimit), IdleLimit),
        (nameof(EmptyLimit), EmptyLimit),
        (nameof(KeepLimit), KeepLimit),
        (nameof(AwaitLimit), AwaitLimit),
        (nameof(GiveUpAfter), GiveUpAfter ?? StallLimit),
        (nameof(ConnectTimeout), ConnectTimeout),
        (nameof(UpgradeTimeout), UpgradeTimeout),
        (nameof(SendTimeout), SendTimeout),
        (nameof(ProbeTimeout), ProbeTimeout),
        (nameof(AckTimeout), AckTimeout),
        (nameof(CloseTimeout), CloseTimeout),
        (nameof(PingTimeout), PingTimeout),
        (nameof(StopTimeout), StopTimeout),
    ];
}
