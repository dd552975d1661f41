using Gyre.App.Commands;
using Gyre.App.Processes;
using Gyre.App.Terminal;

if (SystemLimits.AreTooLow())
    return Exit.WrongInput;
var output = OrderlyOutput.Install();
int code;
using (var signals = new StopSignals())
    code = CommandLine.Run(args, signals);
return output.Conclude(code);
