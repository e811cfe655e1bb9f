using System.Reflection;
using BenchmarkDotNet.Running;

// Not typeof(Program): every service referenced here has a Program of its own.
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
