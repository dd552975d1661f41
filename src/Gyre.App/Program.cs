System.Console.WriteLine("gyre");
