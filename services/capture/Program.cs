using CallMirror.Capture;
using CallMirror.Capture.Rehearsing;
using CallMirror.Messaging.Control;
using CallMirror.Messaging.RabbitMq;
using CallMirror.Messaging.Rehearsing;
using CallMirror.ServiceDefaults.Startup;

// CallMirror__Broker__Uri=amqp://user:password@host:5672/ CallMirror__Capture__Interface=eth0; all settings are in docs/operations.md.
return await ServiceProcess.RunAsync(args, "callmirror-capture", healthPort: 8091, builder =>
{
    // Before the interface is opened: nobody reads its ring meanwhile.
    builder.Services.AddRehearsal(CaptureRehearsal.PlayAsync);
    builder.Services.AddRabbitMqMediaBus(builder.Configuration);
    builder.Services.AddCapture(builder.Configuration);
    builder.Services.AddRabbitMqControlPlane(builder.Configuration);
});
