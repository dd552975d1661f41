using Gyre.App.Commands;

if (Descriptors.TooFew() is { } limit)
{
    Console.Error.WriteLine("Too few files may be open: " + limit + ", and " + Descriptors.Needed + " are needed. Set it by ulimit -n " + Descriptors.Needed + ".");
    return Exit.WrongInput;
}
var output = OrderlyOutput.Install();
return output.Conclude(CommandLine.Run(args));
