using Gyre.App.Commands;

if (SystemLimits.AreTooLow())
    return Exit.WrongInput;
var output = OrderlyOutput.Install();
return output.Conclude(CommandLine.Run(args));
