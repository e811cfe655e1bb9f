using CallMirror.ServiceDefaults.Startup;

namespace CallMirror.Capture.Sources;

/// <summary>Capture can't go on; the message is one clear sentence for the user.</summary>
public sealed class CaptureException(string message, Exception? inner = null) : ServiceException(message, inner)
{
    /// <summary>The content of a file is at fault, and not what was asked for: other files can be read all the same.</summary>
    public bool IsDamage { get; init; }
}
