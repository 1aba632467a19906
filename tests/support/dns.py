# SPDX-License-Identifier: Apache-2.0
"""Questions and answers of a name server, as bytes."""
import socket
import struct


def name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.split(".")) + b"\0"


def question(text):
    return struct.pack(">HHHHHH", 7, 0x0100, 1, 0, 0, 0) + name(text) + struct.pack(">HH", 1, 1)


def asked(message):
    """The name in a question."""
    labels, at = [], 12
    while message[at]:
        labels.append(message[at + 1:at + 1 + message[at]].decode())
        at += 1 + message[at]
    return ".".join(labels)


def answer(message, address, seconds=300):
    """The reply to a question: one address, or that there is no such name."""
    flags = 0x8180 if address else 0x8183
    head = message[:2] + struct.pack(">HHHHH", flags, 1, 1 if address else 0, 0, 0) + message[12:]
    if not address:
        return head
    return head + struct.pack(">HHHIH", 0xc00c, 1, 1, seconds, 4) + socket.inet_aton(address)
