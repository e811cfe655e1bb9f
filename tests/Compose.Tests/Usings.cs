global using CallMirror.TestKit;
global using CallMirror.TestKit.Truth;
global using Xunit;
