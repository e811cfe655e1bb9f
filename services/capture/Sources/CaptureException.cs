using CallMirror.ServiceDefaults.Startup;

namespace CallMirror.Capture.Sources;

/// <summary>Capture can't go on; the message is one clear sentence for the user.</summary>
public sealed class CaptureException(string message, Exception? inner = null) : ServiceException(message, inner);
