namespace CallMirror.Protocols.Packets;

/// <summary>What became of a fragment given to an <see cref="IpReassembler"/>.</summary>
public enum FragmentResult
{
    /// <summary>It was the last one missing: the datagram is whole.</summary>
    Complete,

    /// <summary>Kept until the others come.</summary>
    Waiting,

    /// <summary>Seen before, byte for byte; ignored.</summary>
    Duplicate,

    /// <summary>It contradicts an earlier one; its datagram is given up (RFC 5722 §4).</summary>
    Overlap,

    /// <summary>Empty, not a multiple of eight bytes though more follow, or past 65,535 bytes; ignored.</summary>
    BadFragment,

    /// <summary>No fragment at all; nothing to do.</summary>
    NotFragment,
}
