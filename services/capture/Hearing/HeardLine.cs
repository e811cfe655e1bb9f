namespace CallMirror.Capture.Hearing;

/// <summary>A sentence that is to be said of an interface.</summary>
/// <param name="Sentence">It begins with the interface's name.</param>
/// <param name="IsProblem">Calls are missed, or part of them.</param>
internal sealed record HeardLine(string Sentence, bool IsProblem);
