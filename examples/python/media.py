"""Reads a media message of CallMirror by the byte tables of the contract (x-layout in contracts/asyncapi.yaml)."""

import hashlib
import struct
from typing import List, NamedTuple

RTP_BATCH, L16_CHUNK = 1, 2
L16 = 11
DTMF, HOLD, RESUME, GAP, END = 1, 2, 3, 4, 5

# Little-endian; 5x and 2x are reserved bytes.
HEADER = struct.Struct("<BBHIIIqqHB5x")
SECTION = struct.Struct("<BBHH2xq")
RUN = struct.Struct("<qIIBB2xI")
MARK = struct.Struct("<qBB2xI")


class Run(NamedTuple):
    """Samples without a gap, from a position on."""

    position: int
    codec: int
    payload: bytes


class Mark(NamedTuple):
    """What happened besides audio."""

    position: int
    kind: int
    code: int
    value: int


class Section(NamedTuple):
    """What a message says of one role: 0 = caller, 1 = callee."""

    role: int
    runs: List[Run]
    marks: List[Mark]


class Message(NamedTuple):
    """A window of a call; positions count samples at the rate, from the epoch (nanoseconds since 1970) on."""

    kind: int
    rate: int
    epoch: int
    call_id: str
    sections: List[Section]


def routing_key(call_id):
    """The call-id, or its SHA-256 in hex where it is over 200 bytes or has a * or # for a word."""
    name = call_id.encode()
    plain = len(name) <= 200 and not {"*", "#"} & set(call_id.split("."))
    return call_id if plain else hashlib.sha256(name).hexdigest()


def read(body):
    """The message in a body; ValueError or struct.error where there is none that this version can read."""
    version, kind, length, _source, _sequence, rate, epoch, _captured_at, id_length, count = HEADER.unpack_from(body)
    if version != 1:
        raise ValueError(f"version {version} of the layout is not known")
    call_id = body[HEADER.size:HEADER.size + id_length].decode()
    # What a later version puts between the call-id and the first section is skipped.
    sections, at = [], length
    for _ in range(count):
        section, at = _section(body, at)
        sections.append(section)
    return Message(kind, rate, epoch, call_id, sections)


def _section(body, at):
    role, _flags, run_count, mark_count, _through = SECTION.unpack_from(body, at)
    at += SECTION.size
    runs = []
    for _ in range(run_count):
        position, _ssrc, _timestamp, codec, _flags, length = RUN.unpack_from(body, at)
        at += RUN.size + length
        if at > len(body):
            raise ValueError("the message is cut short")
        runs.append(Run(position, codec, body[at - length:at]))
    marks = [Mark(*MARK.unpack_from(body, at + i * MARK.size)) for i in range(mark_count)]
    return Section(role, runs, marks), at + mark_count * MARK.size
