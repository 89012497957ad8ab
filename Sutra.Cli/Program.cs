Console.WriteLine("sutra");
