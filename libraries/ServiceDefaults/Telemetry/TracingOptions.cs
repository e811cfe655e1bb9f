using System.ComponentModel.DataAnnotations;

namespace CallMirror.ServiceDefaults.Telemetry;

/// <summary>What is traced of calls, where traces go anywhere.</summary>
public sealed class TracingOptions
{
    /// <summary>The section of the configuration that they are read from.</summary>
    public const string Section = "CallMirror:Telemetry";

    /// <summary>Of each call's media messages the first, and then one in so many, is traced through every hop; 0 for none.</summary>
    [Range(0, 1_000_000, ErrorMessage = "CallMirror:Telemetry:BatchSampling must be between 0 and 1000000.")]
    public int BatchSampling { get; set; } = 200;

    /// <summary>Whether the call's span says who called whom.</summary>
    public bool IncludeParties { get; set; }
}
