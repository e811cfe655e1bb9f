namespace CallMirror.AllInOne.Commands;

/// <summary>The command can't do what was asked; the message is one clear sentence for the user.</summary>
internal sealed class CommandException(string message, Exception? inner = null) : Exception(message, inner);
