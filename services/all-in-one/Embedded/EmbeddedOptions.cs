using System.ComponentModel.DataAnnotations;
using CallMirror.Capture;
using CallMirror.WsGateway;

namespace CallMirror.AllInOne.Embedded;

/// <summary>What an embedded run is to do.</summary>
internal sealed record EmbeddedOptions
{
    /// <summary>Where the audio goes to; each gets a gateway and a lane of its own for every call.</summary>
    public required IReadOnlyList<Listener> Listeners { get; init; }

    /// <summary>Packets come from an interface: nothing waits for a listener that is slow.</summary>
    public required bool IsLive { get; init; }

    /// <summary>It is played before the real one, and nobody is to hear of it.</summary>
    public bool IsRehearsal { get; init; }

    /// <summary>Whoever asks is told how it is: health checks, and metrics to be scraped.</summary>
    public bool IsAsked { get; init; }

    /// <summary>Output samples a second: 16000 or 8000.</summary>
    public int Rate { get; init; } = 16000;

    /// <summary>How capture orders and batches.</summary>
    public Action<CaptureOptions> Capture { get; init; } = _ => { };

    /// <summary>The port on loopback where running calls can be joined; 0 = a free one, null = nowhere.</summary>
    public int? ListenPort { get; init; }

    /// <summary>Lines of log from this level on go to stderr.</summary>
    public LogLevel LogLevel { get; init; } = LogLevel.Warning;
}

/// <summary>A listener of a run.</summary>
/// <param name="Group">The name of its gateways and lanes.</param>
/// <param name="Url">ws:// or wss://.</param>
/// <param name="Headers">Headers of the upgrade request.</param>
/// <param name="BearerToken">Sent as Authorization: Bearer.</param>
internal sealed record Listener(string Group, Uri Url, IReadOnlyList<KeyValuePair<string, string>> Headers, string? BearerToken)
{
    /// <summary>Subprotocols that are offered, separated by commas.</summary>
    public string? Subprotocol { get; init; }

    /// <summary>Any certificate will do.</summary>
    public bool AcceptsAnyCertificate { get; init; }

    /// <summary>A PEM file of the authorities whose certificates will do; null for the system's.</summary>
    public string? CaFile { get; init; }

    /// <summary>The HTTP proxy on the way to it, or <c>none</c>; null for the environment's.</summary>
    public string? Proxy { get; init; }

    /// <summary>Why no gateway can push to it, in a sentence; null where one can.</summary>
    public string? Problem
    {
        get
        {
            var gateway = Gateway();
            return gateway.Validate(new ValidationContext(gateway)).FirstOrDefault()?.ErrorMessage;
        }
    }

    /// <summary>The settings of a gateway that pushes to it.</summary>
    public WsGatewayOptions Gateway()
    {
        var gateway = new WsGatewayOptions();
        Apply(gateway);
        return gateway;
    }

    /// <summary>Makes a gateway push to it.</summary>
    public void Apply(WsGatewayOptions gateway)
    {
        gateway.Url = Url.ToString();
        gateway.BearerToken = BearerToken;
        gateway.Subprotocol = Subprotocol;
        gateway.AcceptAnyCertificate = AcceptsAnyCertificate;
        gateway.CaFile = CaFile;
        gateway.Proxy = Proxy;
        foreach (var (name, value) in Headers)
            gateway.Headers[name] = value;
    }
}
