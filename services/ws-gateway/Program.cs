Console.Error.WriteLine("ws-gateway needs a broker, which is not built yet; `./callmirror run` is the embedded shape.");
return 1;
