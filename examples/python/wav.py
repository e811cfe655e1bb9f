#!/usr/bin/env python3
"""Writes the audio of one call to a stereo WAV while it goes on: caller left, callee right, each sample at its position.

    wav.py CALL_ID OUT.wav [--broker amqp://user:password@host/]

Start it before the call has audio, or it has the rest. It ends with the call, or with Ctrl-C, and keeps the call in memory: 4 MB a minute.
"""

import argparse
import contextlib
import wave

import broker
import media

ROLES = (0, 1)
SAMPLE_BYTES = 2


class Call:
    """What has come of a call."""

    def __init__(self):
        self.rate = None
        self._runs = {0: [], 1: []}
        self._ends = {}

    @property
    def has_ended(self):
        """Both streams have their end mark; one that never began has it too."""
        return len(self._ends) == len(ROLES)

    def add(self, message):
        self.rate = message.rate
        for role, runs, marks in message.sections:
            self._runs[role] += [(run.position, run.payload) for run in runs if run.codec == media.L16]
            self._ends.update((role, mark.position) for mark in marks if mark.kind == media.END)

    def write(self, path):
        """From the first sample of either to the end of both; what no run covers is silence."""
        first, end = self._span()
        stereo = bytearray((end - first) * len(ROLES) * SAMPLE_BYTES)
        samples = memoryview(stereo).cast("h")
        for role in ROLES:
            for position, payload in self._runs[role]:
                # The same position again is the same sample again.
                at = (position - first) * len(ROLES) + role
                samples[at:at + len(payload):len(ROLES)] = memoryview(payload).cast("h")
        with wave.open(path, "wb") as file:
            file.setnchannels(len(ROLES))
            file.setsampwidth(SAMPLE_BYTES)
            file.setframerate(self.rate)
            file.writeframes(stereo)
        return (end - first) / self.rate

    def _span(self):
        first, end = None, 0
        for role in ROLES:
            for position, payload in self._runs[role]:
                first = position if first is None else min(first, position)
                end = max(end, position + len(payload) // SAMPLE_BYTES, self._ends.get(role, 0))
        return (first or 0), end


def main():
    parser = argparse.ArgumentParser(description="Writes the audio of one call to a stereo WAV.")
    parser.add_argument("call_id")
    parser.add_argument("out")
    parser.add_argument("--broker", default="amqp://guest:guest@127.0.0.1/")
    arguments = parser.parse_args()
    call = Call()
    bindings = [("callmirror.pcm", media.routing_key(arguments.call_id))]
    with contextlib.suppress(KeyboardInterrupt):
        for _exchange, body in broker.listen(arguments.broker, bindings, lambda: print("waiting for", arguments.call_id, flush=True)):
            call.add(media.read(body))
            if call.has_ended:
                break
    if call.rate is None:
        raise SystemExit("nothing came")
    print(f"{arguments.out}: {call.write(arguments.out):.3f} s", flush=True)


main()
