using CallMirror.Messaging.RabbitMq;
using CallMirror.ServiceDefaults.Startup;
using CallMirror.Transcoder;

// CallMirror__Broker__Uri=amqp://user:password@host:5672/ CallMirror__Transcoder__Workers=2; all settings are in docs/operations.md.
return await ServiceProcess.RunAsync(args, "callmirror-transcoder", healthPort: 8093, builder =>
{
    builder.Services.AddRabbitMqMediaBus(builder.Configuration);
    builder.Services.AddTranscoder();
});
