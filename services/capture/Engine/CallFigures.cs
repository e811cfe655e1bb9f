using CallMirror.Capture.Streams;
using CallMirror.Contracts.Calls;

namespace CallMirror.Capture.Engine;

/// <summary>What was captured of a call that is over.</summary>
/// <param name="CallId">The SIP Call-ID.</param>
/// <param name="Reason">Why it ended.</param>
/// <param name="Duration">From its epoch to its end, in packets' time.</param>
/// <param name="Caller">Its first stream.</param>
/// <param name="Callee">Its second.</param>
internal sealed record CallFigures(string CallId, EndReason Reason, TimeSpan Duration, StreamCounts Caller, StreamCounts Callee);
