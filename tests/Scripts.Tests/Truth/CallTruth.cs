using CallMirror.Contracts.Calls;

namespace CallMirror.Scripts.Tests.Truth;

/// <summary>What must be said of a call.</summary>
/// <param name="Call">Its number in its script.</param>
/// <param name="CallId">Its Call-ID.</param>
/// <param name="FromNs">Its first INVITE; its epoch is not before this.</param>
/// <param name="MaySplit">It may as well be told as an attempt that failed and a call.</param>
/// <param name="Reason">Why it ends, where that is certain.</param>
internal sealed record CallTruth(int Call, string CallId, long FromNs, bool MaySplit, EndReason? Reason);
