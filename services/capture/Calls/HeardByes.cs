namespace CallMirror.Capture.Calls;

/// <summary>
/// When somebody said BYE between the hosts of a call that was found. The first one that its media does not outlast may have ended it. All are kept
/// until then, so another call's BYE shortly before does not hide its own.
/// </summary>
/// <param name="lingerNs">Both sides go on talking until they have seen the BYE.</param>
internal sealed class HeardByes(long lingerNs)
{
    // Of a second and a half; what a flood of them says on top is no call's.
    private const int Most = 256;

    private readonly Queue<long> _timesNs = new();

    /// <summary>Notes one; they come in order.</summary>
    public void Add(long timeNs, long lastMediaNs)
    {
        _ = First(lastMediaNs);
        if (_timesNs.Count < Most)
            _timesNs.Enqueue(timeNs);
    }

    /// <summary>The first that may have ended the call; null where there is none.</summary>
    public long? First(long lastMediaNs)
    {
        while (_timesNs.TryPeek(out long firstNs))
        {
            if (lastMediaNs <= firstNs + lingerNs)
                return firstNs;
            _timesNs.Dequeue();
        }

        return null;
    }
}
