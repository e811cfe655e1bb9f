using System.Reflection;
using BenchmarkDotNet.Running;
using CallMirror.Benchmarks.FirstFrame;
using CallMirror.Benchmarks.Messaging;
using CallMirror.Benchmarks.Pipeline;
using CallMirror.Benchmarks.SipTracker;

if (args is ["pipeline", .. var rest])
    return PipelineFigures.Run(rest);
if (args is ["messaging", .. var counts])
    return await MessagingFigures.RunAsync(counts);
if (args is ["sip-tracker", .. var calls])
    return await TrackerFigures.RunAsync(calls);
if (args is ["first-frame", .. var shape])
    return await FirstFrameFigures.RunAsync(shape);
// Not typeof(Program): every service referenced here has a Program of its own.
BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
return 0;
