using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Naming;
using CallMirror.Contracts.Sip;
using MassTransit;

namespace CallMirror.Messaging.Control;

/// <summary>Gives each control message the exchange that the design names.</summary>
internal sealed class EntityNames : IEntityNameFormatter
{
    public string FormatEntityName<T>()
    {
        if (typeof(T) == typeof(SipMessageCaptured))
            return Exchanges.Sip;
        if (typeof(T) == typeof(MediaFound))
            return Exchanges.MediaFound;
        if (typeof(T) == typeof(SipMessageHandled))
            return Exchanges.SipHandled;
        return typeof(CallEvent).IsAssignableFrom(typeof(T))
            ? Exchanges.CallsPrefix + typeof(T).Name
            : $"callmirror.internal.{typeof(T).Name}";
    }
}
