// The broker shape is not built yet: alone, capture would have nobody to talk to.
await Console.Error.WriteLineAsync("capture as a process of its own needs the RabbitMQ shape, which is not built yet; ./callmirror run is the embedded shape");
return 1;
