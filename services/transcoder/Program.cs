Console.Error.WriteLine("callmirror-transcoder needs a message broker, which is not supported yet: './callmirror run' starts it together with all other services in one process.");
return 1;
