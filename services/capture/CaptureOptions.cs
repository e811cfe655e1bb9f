using System.ComponentModel.DataAnnotations;

namespace CallMirror.Capture;

/// <summary>How capture orders, places and batches what it sees. All spans are in packets' time.</summary>
public sealed class CaptureOptions
{
    /// <summary>The section of the configuration that they are read from.</summary>
    public const string Section = "CallMirror:Capture";

    /// <summary>One media message a call and window.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:02")]
    public TimeSpan Window { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long windows of a live capture become while the broker's confirms lag or packets wait to be read; not more than <see cref="Window"/>: they stay as they are.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:02")]
    public TimeSpan LongestWindow { get; set; } = TimeSpan.FromMilliseconds(300);

    /// <summary>How long the packets after a gap wait for the one that is late.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:00.200")]
    public TimeSpan ReorderWait { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How long RTP that no call claims is kept, once all SIP before it is answered: SIP may say later whose it is. What waits for an answer of sip-tracker is kept
    /// beside it, for three minutes at the most.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan UnclaimedFor { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How much of both is kept, in bytes. A packet counts for 128 at the least, and each takes as much memory again beside its bytes.
    /// </summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int UnclaimedBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How much a live capture keeps of what it has to say on the control plane, SIP above all, in bytes of memory.</summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public long ControlBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Bytes that a capture process of its own may have, in place of what .NET sees of its container or machine: what may wait follows
    /// from it (<see cref="Memory.MemoryBudget"/>), where no setting says how much.
    /// </summary>
    [Range(1024 * 1024, 1L << 50)]
    public long? MemoryLimit { get; set; }

    /// <summary>How long a call's RTP is still taken after its BYE: both sides go on talking until they have seen it.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan Linger { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>A call whose RTP has been silent in both directions for so long is given up.</summary>
    [Range(typeof(TimeSpan), "00:00:05", "1.00:00:00")]
    public TimeSpan MediaTimeout { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Whether G.711 that no SIP announced becomes a call: it was up before the capture began, or its SIP can't be seen.</summary>
    public bool FindMedia { get; set; } = true;

    /// <summary>How long such media must be steady. Shorter than <see cref="UnclaimedFor"/>, or its beginning is lost.</summary>
    [Range(typeof(TimeSpan), "00:00:00.200", "00:01:00")]
    public TimeSpan FoundAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>A call that was found by its media ends when it has been silent in both directions for so long: no BYE will.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan FoundMediaTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Calls followed at once.</summary>
    [Range(1, 1_000_000)]
    public int MaxCalls { get; set; } = 20_000;

    /// <summary>Size of the kernel's ring of a live capture, in bytes.</summary>
    [Range(64 * 1024, 1024 * 1024 * 1024)]
    public int RingBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>
    /// Whether a live capture hands each packet over as it comes (<c>pcap_set_immediate_mode</c>) instead of 10 ms later at the most. Its price is that
    /// the kernel then gives every packet a slot of the longest frame there could be, at least 64 KiB: the default ring holds a thousand packets
    /// at the most, where it otherwise holds some two hundred thousand of G.711, and the rest of a burst is dropped. Shorter slots would cut off SIP in joined (GRO) frames.
    /// </summary>
    public bool ImmediateMode { get; set; }

    /// <summary>How long a capture of a file waits for sip-tracker's answer to a SIP message, in real time.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long an interface may hear neither SIP nor RTP, in real time, before that is a fault; zero: as long as it likes. Null: for a minute,
    /// and until something has come for <see cref="SayAfter"/>.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "23:59:59", ErrorMessage = "CallMirror:Capture:QuietFor must be 00:00:00 to 23:59:59, as hh:mm:ss.")]
    public TimeSpan? QuietFor { get; set; }

    /// <summary>
    /// How long after its start a capture of an interface says what that hears, in real time. A side of a call that is silent for so long is not
    /// heard.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "CallMirror:Capture:SayAfter must be 00:00:01 to 00:10:00, as hh:mm:ss.")]
    public TimeSpan SayAfter { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often it looks again, and says what is wrong.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "23:59:59", ErrorMessage = "CallMirror:Capture:SayEvery must be 00:00:01 to 23:59:59, as hh:mm:ss.")]
    public TimeSpan SayEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a live capture that stops waits for sip-tracker's answers to the last SIP messages, in real time.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan LastAnswersWithin { get; set; } = TimeSpan.FromSeconds(5);
}
