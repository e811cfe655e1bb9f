using CallMirror.Messaging.RabbitMq;
using CallMirror.Messaging.Rehearsing;
using CallMirror.ServiceDefaults.Startup;
using CallMirror.Transcoder;
using CallMirror.Transcoder.Rehearsing;

// CallMirror__Broker__Uri=amqp://user:password@host:5672/ CallMirror__Transcoder__Workers=2; all settings are in docs/operations.md.
return await ServiceProcess.RunAsync(args, "callmirror-transcoder", healthPort: 8093, builder =>
{
    builder.Services.AddRabbitMqMediaBus(builder.Configuration);
    builder.Services.AddTranscoder();
    builder.Services.AddRehearsal(TranscoderRehearsal.PlayAsync);
});
