using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;

namespace CallMirror.Contracts.Tests.AsyncApi;

/// <summary>The types of the control plane's messages.</summary>
internal static class ControlMessages
{
    public static IReadOnlyList<Type> Events { get; } =
        [.. typeof(CallEvent).Assembly.GetExportedTypes().Where(type => !type.IsAbstract && type.IsSubclassOf(typeof(CallEvent)))];

    public static IReadOnlyList<Type> All { get; } =
        [.. Events, typeof(ActiveCallsRequested), .. typeof(SipMessageCaptured).Assembly.GetExportedTypes().Where(type => type.Namespace == typeof(SipMessageCaptured).Namespace)];

    public static TheoryData<string> Names => [.. All.Select(type => type.Name)];

    public static Type Of(string name) => All.Single(type => type.Name == name);
}
