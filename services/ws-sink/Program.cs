using CallMirror.ServiceDefaults.Startup;
using CallMirror.WsSink;

// CallMirror__Sink__Directory=/audio CallMirror__Sink__Host=0.0.0.0 CallMirror__Sink__Port=8765; all settings are in docs/operations.md.
return await ServiceProcess.RunAsync(args, "callmirror-ws-sink", healthPort: 8095, builder => builder.AddSink());
