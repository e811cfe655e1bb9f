namespace CallMirror.Scripts.Tests.Truth;

/// <summary>What must become of a packet's audio.</summary>
internal enum Duty
{
    /// <summary>It is in its call and role, once, in its place.</summary>
    Must,

    /// <summary>It may be in its call and role, once.</summary>
    May,

    /// <summary>No call of SIP has it.</summary>
    Nowhere,
}

/// <summary>The audio of one packet that was sent, which no other packet has.</summary>
/// <param name="Call">The call's number in its script.</param>
/// <param name="Role">0 = caller, 1 = callee.</param>
/// <param name="Source">Which sender of that role: the loser of a fork is another than the one that answers.</param>
/// <param name="Index">The packet's number, from 0.</param>
/// <param name="HeardAt">Where it belongs, in samples at 8 kHz since the Unix epoch.</param>
/// <param name="ToleranceSamples">How far from there it may stand.</param>
/// <param name="Duty">What must become of it.</param>
/// <param name="Content">A byte a sample.</param>
internal sealed record SentPacket(int Call, int Role, int Source, int Index, long HeardAt, int ToleranceSamples, Duty Duty, byte[] Content)
{
    public string Name => $"call {Call} role {Role}{(Source == 0 ? "" : $" source {Source}")} packet {Index}";
}
