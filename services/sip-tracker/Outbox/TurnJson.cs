using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using CallMirror.Contracts.Calls;
using CallMirror.Contracts.Sip;
using CallMirror.Messaging.Control;

namespace CallMirror.SipTracker.Outbox;

/// <summary>A turn as the store keeps it: what is published to all. What is told to one queue is asked for again.</summary>
[JsonSourceGenerationOptions(RespectNullableAnnotations = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(StoredMessage[]))]
[JsonSerializable(typeof(CallStarted))]
[JsonSerializable(typeof(CallAnswered))]
[JsonSerializable(typeof(MediaNegotiated))]
[JsonSerializable(typeof(CallHeld))]
[JsonSerializable(typeof(CallResumed))]
[JsonSerializable(typeof(CallEnded))]
[JsonSerializable(typeof(SipMessageHandled))]
internal sealed partial class TurnJson : JsonSerializerContext
{
    private static readonly Dictionary<string, Type> Types = new[]
    {
        typeof(CallStarted), typeof(CallAnswered), typeof(MediaNegotiated), typeof(CallHeld), typeof(CallResumed), typeof(CallEnded), typeof(SipMessageHandled),
    }.ToDictionary(type => type.Name, StringComparer.Ordinal);

    public static byte[] Write(Turn turn) => JsonSerializer.SerializeToUtf8Bytes([.. turn.Messages.Select(Stored)], Default.StoredMessageArray);

    /// <summary>False for what this version does not understand.</summary>
    public static bool TryRead(long number, ReadOnlySpan<byte> json, [NotNullWhen(true)] out Turn? turn)
    {
        try
        {
            turn = JsonSerializer.Deserialize(json, Default.StoredMessageArray) is { } messages ? new Turn(number, [.. messages.Select(Read)]) : null;
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            turn = null;
        }

        return turn is not null;
    }

    private static StoredMessage Stored(ControlMessage message) =>
        new(message.Message.GetType().Name, JsonSerializer.SerializeToElement(message.Message, message.Message.GetType(), Default), message.TraceParent);

    private static ControlMessage Read(StoredMessage message) =>
        new(message.Body.Deserialize(Types[message.Type], Default) ?? throw new JsonException($"an empty {message.Type}")) { TraceParent = message.TraceParent };
}

/// <summary>One message of a turn.</summary>
internal sealed record StoredMessage(string Type, JsonElement Body, string? TraceParent = null);
