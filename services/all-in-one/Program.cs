using CallMirror.AllInOne.Commands;

return await CallMirrorCommand.RunAsync(args);
