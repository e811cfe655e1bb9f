using CallMirror.Messaging.Control;
using CallMirror.Messaging.RabbitMq;
using CallMirror.Messaging.Rehearsing;
using CallMirror.ServiceDefaults.Startup;
using CallMirror.SipTracker;
using CallMirror.SipTracker.Rehearsing;

// CallMirror__Broker__Uri=amqp://user:password@host:5672/ CallMirror__SipTracker__StatePath=/data/calls.db; all settings are in docs/operations.md.
return await ServiceProcess.RunAsync(args, "callmirror-sip-tracker", healthPort: 8092, builder =>
{
    builder.Services.AddRabbitMqMediaBus(builder.Configuration);
    builder.Services.AddSipTracker(builder.Configuration);
    builder.Services.AddRabbitMqControlPlane(builder.Configuration);
    builder.Services.AddRehearsal(TrackerRehearsal.PlayAsync);
});
