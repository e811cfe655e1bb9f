using CallMirror.Messaging.Control;
using CallMirror.Messaging.RabbitMq;
using CallMirror.Messaging.Rehearsing;
using CallMirror.ServiceDefaults.Startup;
using CallMirror.WsGateway;
using CallMirror.WsGateway.Joining;
using CallMirror.WsGateway.Rehearsing;

// CallMirror__Broker__Uri=amqp://user:password@host:5672/ CallMirror__Gateway__Url=ws://host:8765/; all settings are in docs/operations.md.
return await ServiceProcess.RunAsync(args, "callmirror-ws-gateway", healthPort: 8094, builder =>
{
    builder.Services.AddRabbitMqMediaBus(builder.Configuration);
    builder.Services.AddWsGateway(builder.Configuration);
    builder.Services.AddJoining(builder.Configuration);
    builder.Services.AddRabbitMqControlPlane(builder.Configuration);
    builder.Services.AddRehearsal(GatewayRehearsal.PlayAsync);
});
