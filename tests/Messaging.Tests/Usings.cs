global using static CallMirror.Messaging.Tests.Calls;
global using Xunit;
