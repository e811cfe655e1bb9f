using System.Runtime.CompilerServices;

namespace CallMirror.Capture.Calls;

/// <summary>A value for the caller (0) and one for the callee (1), within the object that has them: an array would be one place more that each packet finds out of the cache.</summary>
[InlineArray(2)]
internal struct PerRole<T>
{
    private T _ofCaller;
}
