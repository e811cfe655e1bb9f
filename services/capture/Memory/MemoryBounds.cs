using CallMirror.Messaging.Broker;
using Microsoft.Extensions.Options;

namespace CallMirror.Capture.Memory;

/// <summary>Sets what may wait in a capture process of its own to what its memory has room for, wherever no setting says how much.</summary>
internal sealed class MemoryBounds
{
    private static readonly MemoryBudget Least = MemoryBudget.Of(MemoryBudget.LeastHeapBytes)!.Value;

    private MemoryBounds(long heapBytes) => HeapBytes = heapBytes;

    /// <summary>Bytes that .NET's heap may take.</summary>
    public long HeapBytes { get; }

    // Where it is too little, the options say so, and nothing is begun.
    private MemoryBudget Budget => MemoryBudget.Of(HeapBytes) ?? Least;

    /// <summary>Those of this process: the collector's limit, which follows that of its container, or less where a setting says so.</summary>
    public static MemoryBounds Of(IConfigurationSection capture)
    {
        long there = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        bool isSet = long.TryParse(capture[nameof(CaptureOptions.MemoryLimit)], out long limit);
        return new MemoryBounds(isSet ? Math.Min(there, MemoryBudget.HeapOf(limit)) : there);
    }

    /// <summary>What capture itself keeps; settings that are bound afterwards win.</summary>
    public void Apply(CaptureOptions options) => (options.UnclaimedBytes, options.ControlBytes) = (Budget.UnclaimedBytes, Budget.ControlBytes);

    /// <summary>What waits for the broker, where no setting says how much.</summary>
    public void Apply(BrokerOptions options, IConfigurationSection broker)
    {
        if (broker[nameof(options.WindowBytes)] is null)
            options.WindowBytes = Budget.WindowBytes;
    }

    /// <summary>Says what is wrong where there is too little.</summary>
    public sealed class Check(MemoryBounds bounds) : IValidateOptions<CaptureOptions>
    {
        public ValidateOptionsResult Validate(string? name, CaptureOptions options) => MemoryBudget.Of(bounds.HeapBytes) is null
            ? ValidateOptionsResult.Fail(MemoryBudget.TooLittle(bounds.HeapBytes))
            : ValidateOptionsResult.Success;
    }
}
