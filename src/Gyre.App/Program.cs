using Gyre.App.Commands;

return CommandLine.Run(args);
