namespace CallMirror.WsSink.Storage;

/// <summary>Says once that the disk is full, however many streams find it so, and once that there is room again.</summary>
internal sealed partial class DiskRoom(string folder, TimeProvider time, ILogger log)
{
    // Of errno(3): no space, and none of the user's quota.
    private const int NoSpace = 28;
    private const int NoQuota = 122;

    // Near its end a disk has room for one stream and not for another.
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private volatile bool _isFull;
    private long _fullAt;

    /// <summary>Whether something failed for want of room.</summary>
    public static bool IsWanting(Exception e) => e is IOException { HResult: NoSpace or NoQuota };

    /// <summary>Something could not be written for want of room.</summary>
    public void Wanting()
    {
        lock (_gate)
        {
            _fullAt = time.GetTimestamp();
            if (_isFull)
                return;
            _isFull = true;
        }

        Log.Full(log, folder);
    }

    /// <summary>Something was written.</summary>
    public void Written()
    {
        if (!_isFull)
            return;
        lock (_gate)
        {
            if (!_isFull || time.GetElapsedTime(_fullAt) < Quiet)
                return;
            _isFull = false;
        }

        Log.RoomAgain(log, folder);
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "The disk of {Folder} is full: what is stored is kept, and senders are told to try again (1013) until there is room")]
        public static partial void Full(ILogger logger, string folder);

        [LoggerMessage(LogLevel.Information, "The disk of {Folder} has room again")]
        public static partial void RoomAgain(ILogger logger, string folder);
    }
}
