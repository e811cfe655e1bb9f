namespace CallMirror.Capture.Hearing;

/// <summary>What is heard of the calls that are up.</summary>
/// <param name="Up">All of them.</param>
/// <param name="BySip">Those that SIP has named; the others were found by their media.</param>
/// <param name="BothWays">Both sides are heard.</param>
/// <param name="OneWay">Both sides should be heard, and one is.</param>
/// <param name="Silent">Both sides should be heard, and none is.</param>
internal readonly record struct CallsHeard(int Up, int BySip, int BothWays, int OneWay, int Silent);
