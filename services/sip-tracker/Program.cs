// On its own sip-tracker takes SIP messages from a broker, which is not built yet. Embedded, it is added with AddSipTracker.
await Console.Error.WriteLineAsync("sip-tracker alone needs a message broker, which is not built yet: './callmirror run' runs all services in one process.");
return 1;
