#!/usr/bin/env python3
"""Follows the calls: a line for each change, with how many are up.

    calls.py [--broker amqp://user:password@host/]

Calls that began before it did show from their next change on. It ends with Ctrl-C.
"""

import argparse
import contextlib
import json

import broker

EVENTS = "callmirror.calls."
NAMES = ("CallStarted", "CallAnswered", "MediaNegotiated", "CallHeld", "CallResumed", "CallEnded", "StreamQuality")
ROLES = ("caller", "callee")


def told(name, event):
    """What an event says, in a few words; None for one of a later version."""
    if name == "CallStarted":
        return f"started {event.get('from')} -> {event.get('to')}"
    if name == "CallAnswered":
        return "answered"
    if name == "MediaNegotiated":
        streams = (f"{ROLES[stream['role']]} {stream['formats'][0]['encoding'] if stream['formats'] else '?'}" for stream in event["streams"])
        return "media " + ", ".join(streams)
    if name == "CallHeld":
        return f"held by {ROLES[event['by']]}"
    if name == "CallResumed":
        return f"resumed by {ROLES[event['by']]}"
    if name == "CallEnded":
        status = event.get("statusCode")
        return f"ended {event['reason']}" + (f" {status}" if status else "")
    if name == "StreamQuality":
        return f"quality {ROLES[event['role']]} {event['packets']} packets, {event['lost']} lost, jitter {event['jitterMilliseconds']} ms"
    return None


def main():
    parser = argparse.ArgumentParser(description="Follows the calls: a line for each change.")
    parser.add_argument("--broker", default="amqp://guest:guest@127.0.0.1/")
    arguments = parser.parse_args()
    up = set()
    bindings = [(EVENTS + name, "#") for name in NAMES]
    for exchange, body in broker.listen(arguments.broker, bindings, lambda: print("following calls", flush=True)):
        event = json.loads(body)
        name, call_id = exchange[len(EVENTS):], event["callId"]
        if name == "CallStarted":
            up.add(call_id)
        elif name == "CallEnded":
            up.discard(call_id)
        print(event["at"], call_id, told(name, event), f"({len(up)} up)", flush=True)


with contextlib.suppress(KeyboardInterrupt):
    main()
