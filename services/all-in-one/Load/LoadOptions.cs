using CallMirror.Capture.Synthetic;

namespace CallMirror.AllInOne.Load;

/// <summary>What a load is to be.</summary>
internal sealed record LoadOptions
{
    public required LoadPlan Plan { get; init; }

    /// <summary>The broker of the distributed shape; null for the embedded one.</summary>
    public Uri? Broker { get; init; }

    /// <summary>Queues and messages that do not outlive the broker.</summary>
    public bool IsTransient { get; init; }

    public int Transcoders { get; init; } = 1;

    public int Gateways { get; init; } = 1;

    /// <summary>Listeners that are not as they should be, beside the one that measures; in the embedded shape.</summary>
    public IReadOnlyList<Trouble> Beside { get; init; } = [];

    /// <summary>In a word.</summary>
    public string Shape => Broker is null ? "embedded" : IsTransient ? "transient" : "persistent";
}
