global using CallMirror.TestKit;
global using CallMirror.TestKit.Truth;
global using Xunit;

// The runs share the machine's two cores and the process's console.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
