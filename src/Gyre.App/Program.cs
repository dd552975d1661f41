using Gyre.App.Commands;
using Gyre.App.Processes;
using Gyre.App.Terminal;

if (SystemLimits.AreTooLow())
    return Exit.WrongInput;
var output = OrderlyOutput.Install();
return output.Conclude(CommandLine.Run(args));
