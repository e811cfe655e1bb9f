using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Contracts.Sip;
using MassTransit;

namespace CallMirror.Messaging.Control;

/// <summary>Gives each control message the exchange that the design names.</summary>
internal sealed class EntityNames : IEntityNameFormatter
{
    public string FormatEntityName<T>() => Of(typeof(T));

    /// <summary>The exchange of a message type.</summary>
    public static string Of(Type message)
    {
        if (message == typeof(SipMessageCaptured))
            return Exchanges.Sip;
        if (message == typeof(MediaFound))
            return Exchanges.MediaFound;
        if (message == typeof(MediaRunning))
            return Exchanges.MediaRunning;
        if (message == typeof(SipMessageHandled))
            return Exchanges.SipHandled;
        if (message == typeof(ActiveCallsRequested))
            return Exchanges.CallsRequested;
        return typeof(CallEvent).IsAssignableFrom(message)
            ? Exchanges.CallsPrefix + message.Name
            : $"callmirror.internal.{message.Name}";
    }
}
