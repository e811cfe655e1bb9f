namespace CallMirror.ServiceDefaults.Startup;

/// <summary>A service can't go on; the message is one clear sentence for the user, and all that is said.</summary>
public abstract class ServiceException(string message, Exception? inner) : Exception(message, inner);
