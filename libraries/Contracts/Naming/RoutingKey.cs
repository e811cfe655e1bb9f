using System.Security.Cryptography;
using System.Text;

namespace CallMirror.Contracts.Naming;

/// <summary>
/// The routing key of a call: its call-id, or the SHA-256 of it in hex where it is over 200 bytes, or where a word of it between dots is <c>*</c> or <c>#</c>: a
/// topic exchange would bind that to the calls of others.
/// </summary>
public static class RoutingKey
{
    /// <summary>AMQP short strings end at 255 bytes; lane names need some of them.</summary>
    public const int MaxBytes = 200;

    /// <summary>At most <see cref="MaxBytes"/> bytes of UTF-8.</summary>
    public static string For(string callId) =>
        Encoding.UTF8.GetByteCount(callId) <= MaxBytes && !IsPattern(callId)
            ? callId
            : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(callId)));

    private static bool IsPattern(ReadOnlySpan<char> callId)
    {
        foreach (var word in callId.Split('.'))
            if (callId[word] is "*" or "#")
                return true;
        return false;
    }
}
