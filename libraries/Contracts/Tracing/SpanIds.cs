using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace CallMirror.Contracts.Tracing;

/// <summary>
/// Gives an <see cref="Activity"/> the id that its span must have, which .NET offers no public way to do. The two fields are the runtime's own; a test
/// holds that they are there and mean this (docs/decisions/0011).
/// </summary>
internal static class SpanIds
{
    /// <summary>Call it after the activity has started and before anyone reads its ids.</summary>
    public static void Set(Activity activity, ActivitySpanId id, bool isRoot)
    {
        SpanId(activity) = id.ToHexString();
        if (isRoot)
            ParentSpanId(activity) = null;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_spanId")]
    private static extern ref string? SpanId(Activity activity);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_parentSpanId")]
    private static extern ref string? ParentSpanId(Activity activity);
}
