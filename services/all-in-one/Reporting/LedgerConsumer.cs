using CallMirror.Contracts.Calls;
using MassTransit;

namespace CallMirror.AllInOne.Reporting;

/// <summary>Enters what is said of the calls into the ledger.</summary>
internal sealed class LedgerConsumer(CallLedger ledger)
    : IConsumer<CallStarted>, IConsumer<CallAnswered>, IConsumer<MediaNegotiated>, IConsumer<CallHeld>, IConsumer<CallEnded>,
      IConsumer<StreamQuality>, IConsumer<LedgerClosing>
{
    public Task Consume(ConsumeContext<CallStarted> context) => Add(context.Message);

    public Task Consume(ConsumeContext<CallAnswered> context) => Add(context.Message);

    public Task Consume(ConsumeContext<MediaNegotiated> context) => Add(context.Message);

    public Task Consume(ConsumeContext<CallHeld> context) => Add(context.Message);

    public Task Consume(ConsumeContext<CallEnded> context) => Add(context.Message);

    public Task Consume(ConsumeContext<StreamQuality> context) => Add(context.Message);

    public Task Consume(ConsumeContext<LedgerClosing> context)
    {
        ledger.Closed();
        return Task.CompletedTask;
    }

    private Task Add(CallEvent callEvent)
    {
        ledger.Add(callEvent);
        return Task.CompletedTask;
    }
}

/// <summary>Comes to the ledger after all that was published before it.</summary>
public sealed record LedgerClosing;
