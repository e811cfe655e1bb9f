namespace CallMirror.Contracts.Naming;

/// <summary>The name of a group of gateways, which is part of the names of its lanes.</summary>
public static class GatewayGroup
{
    /// <summary>What a name may be, for a message to the user.</summary>
    public const string Rule = "1 to 32 letters, digits, - and _";

    private const int MaxLength = 32;

    /// <summary>True where a lane can be named after it.</summary>
    public static bool IsValid(string group) =>
        group.Length is > 0 and <= MaxLength && group.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
