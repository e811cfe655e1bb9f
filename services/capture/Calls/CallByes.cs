namespace CallMirror.Capture.Calls;

/// <summary>
/// When somebody said BYE between the hosts of a call that was found. The first with which its media has stopped may have ended it. Until its media
/// outlasts them all are kept, so another call's BYE shortly before does not hide its own.
/// </summary>
/// <param name="lingerNs">Both sides go on talking until they have seen the BYE.</param>
internal sealed class CallByes(long lingerNs)
{
    /// <summary>Media stops no longer than this before its BYE, and stays away as long after it.</summary>
    public const long WithinNs = 1_000_000_000;

    // What a flood of them says on top is no call's.
    private const int Most = 256;

    private readonly List<long> _timesNs = [];

    /// <summary>Notes one, once. It may have been known late whose it is, so later ones may be there.</summary>
    public void Add(long timeNs, long lastMediaNs)
    {
        Forget(lastMediaNs);
        int place = _timesNs.BinarySearch(timeNs);
        if (place < 0 && _timesNs.Count < Most)
            _timesNs.Insert(~place, timeNs);
    }

    /// <summary>The first that may have ended the call; null where there is none.</summary>
    public long? First(long lastMediaNs)
    {
        Forget(lastMediaNs);
        return _timesNs.Count > 0 && _timesNs[0] - lastMediaNs <= WithinNs ? _timesNs[0] : null;
    }

    // Its media went on.
    private void Forget(long lastMediaNs)
    {
        int outlasted = 0;
        while (outlasted < _timesNs.Count && lastMediaNs > _timesNs[outlasted] + lingerNs)
            outlasted++;
        if (outlasted > 0)
            _timesNs.RemoveRange(0, outlasted);
    }
}
