# SPDX-License-Identifier: Apache-2.0
"""Frames that a guest might send to harm whoever reads them; run inside a guest, with a seed, how many, and the ports
of a server of TCP and one of UDP at the gateway. The same seed gives the same frames."""
import random
import socket
import struct
import sys

GATEWAY, NAMESERVER, GUEST = (bytes([10, 0, 2, last]) for last in (2, 3, 100))
GATEWAY6, NAMESERVER6, GUEST6 = (bytes([0xfd] + [0] * 14 + [last]) for last in (2, 3, 0x64))
ROUTER_MAC = bytes([0x52, 0x55, 10, 0, 2, 2])
ICMP, TCP, UDP, ICMP6 = 1, 6, 17, 58


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total ^ 0xffff


class Odd:
    """What is written here is mostly right, so that it gets far; what is wrong is wrong in one place."""

    def __init__(self, seed, mac, tcp, udp):
        self.random = random.Random(seed)
        self.mac, self.tcp_port, self.udp_port = mac, tcp, udp
        self.sequence = {}  # by port of the guest, of connections that began

    def some(self, *choices):
        return self.random.choice(choices)

    def payload(self):
        return self.random.randbytes(self.some(0, 1, 7, 8, 64, 500, 1300))

    def often(self, value, *others):
        return value if self.random.random() < 0.9 else self.some(*others)

    def ethernet(self, kind, packet):
        target = self.often(ROUTER_MAC, b"\xff" * 6, bytes(6))
        return target + self.often(self.mac, bytes(6), ROUTER_MAC) + struct.pack(">H", kind) + packet

    def ipv4(self, protocol, payload, fragment=0, number=0):
        options = self.often(b"", b"\x01" * 4, b"\x83\x07\x04" + GATEWAY + b"\0", self.random.randbytes(40))
        words = self.often(5 + len(options) // 4, 0, 1, 4, 15)
        header = bytearray(struct.pack(
            ">BBHHHBBH4s4s", 0x40 | words, 0, self.often(20 + len(options) + len(payload), 0, 19, 20, 65535), number,
            fragment, 64, protocol, 0, self.often(GUEST, bytes(4), b"\xff" * 4, GATEWAY, b"\x7f\0\0\x01"),
            self.often(GATEWAY, NAMESERVER, GUEST, b"\x7f\0\0\x01", b"\xff" * 4, b"\xe0\0\0\x01", bytes([10, 0, 2, 200]))))
        whole = bytes(header) + options
        header[10:12] = struct.pack(">H", self.often(checksum(whole), 0))
        return self.ethernet(0x800, bytes(header) + options + payload)

    def sealed(self, segment, at, protocol):
        """The checksum of TCP and UDP put in at its place."""
        pseudo = GUEST + GATEWAY + struct.pack(">HH", protocol, len(segment))
        return segment[:at] + struct.pack(">H", checksum(pseudo + segment)) + segment[at + 2:]

    def segment(self):
        port = self.random.randint(2000, 2030)
        flags = self.some(0x02, 0x02, 0x10, 0x18, 0x18, 0x11, 0x04, 0x38, 0x3f, 0x00)
        if flags == 0x02:
            self.sequence[port] = self.random.getrandbits(32)
        sequence = (self.sequence.get(port, 0) + self.some(0, 1, 1, 1, 2, 1000, 1 << 31)) & 0xffffffff
        options = self.often(b"", b"\x02\x04\x05\xb4", b"\x02\x00\0\0", b"\x02\x04\0\0", b"\x03\xff\x01\x01", b"\xff" * 40)
        data = b"" if flags == 0x02 else self.payload()
        head = struct.pack(">HHIIHHHH", port, self.often(self.tcp_port, 1, 0), sequence, self.random.getrandbits(32),
                           self.often(5 + len(options) // 4, 0, 4, 15) << 12 | flags, self.some(0, 1, 65535), 0,
                           self.some(0, 1, 65535))
        return self.sealed(head + options + data, 16, TCP)

    def datagram(self):
        data = self.payload()
        port = self.often(self.udp_port, 53, 67, 69, 0, 1, 6881)
        if port == 69:
            data = self.some(b"\0\x01" + b"/" * 600, b"\0\x01/etc/passwd\0octet\0blksize\0" + b"9" * 20, b"\0\x04\0\x01")
        if port == 67:
            data = struct.pack(">BBBBI", 1, 1, 6, 0, 7) + bytes(228) + b"\x63\x82\x53\x63" + self.random.randbytes(64)
        return struct.pack(">HHHH", self.random.randint(2000, 2100), port, self.often(8 + len(data), 0, 7, 65535), 0) + data

    def message(self):
        kind = self.some(8, 8, 8, 0, 3, 4, 5, 11, 12, 13, 17, 255)
        body = struct.pack(">BBHHH", kind, self.often(0, 4, 255), 0, 1, 2)
        body += self.some(self.payload(), struct.pack(">BBHHHBBH", 0x45, 0, 1500, 0, 0, 64, UDP, 0) + GUEST + GATEWAY)
        return body[:2] + struct.pack(">H", checksum(body)) + body[4:]

    def whole(self):
        protocol, make = self.some((ICMP, self.message), (TCP, self.segment), (UDP, self.datagram),
                                   (2, self.payload), (41, self.payload), (self.random.randrange(256), self.payload))
        return self.ipv4(protocol, make())

    def fragment(self):
        place = self.some(0, 0, 1, 2, 8, 64, 185, 8191) | self.some(0, 0x2000, 0x2000, 0x4000)
        return self.ipv4(self.some(ICMP, UDP, TCP), self.some(self.message, self.datagram, self.payload)(), place,
                         self.random.randrange(4))

    def ipv6(self):
        kind = self.some(ICMP6, ICMP6, UDP, TCP, 0, 43, 44, 44, 60, 59)
        body = {UDP: self.datagram, TCP: self.segment}.get(kind, self.payload)()
        if kind == ICMP6:
            body = struct.pack(">BBHI", self.some(128, 133, 134, 135, 136, 137, 143, 2), 0, 0, 0)
            body += self.some(GATEWAY6, b"", self.payload()) + self.some(b"", b"\1\1" + self.mac, b"\1\0" + self.mac)
        if kind == 44:
            body = struct.pack(">BBHI", self.some(UDP, ICMP6, 44), 0, self.some(0, 1, 8, 9, 0xfff8), 1) + body
        source, target = self.often(GUEST6, bytes(16), GATEWAY6), self.often(GATEWAY6, NAMESERVER6, b"\xff\x02" + bytes(13) + b"\1")
        if kind == ICMP6:
            pseudo = source + target + struct.pack(">II", len(body), ICMP6)
            body = body[:2] + struct.pack(">H", checksum(pseudo + body)) + body[4:]
        packet = struct.pack(">IHBB", 6 << 28, self.often(len(body), 0, 65535), kind, self.often(255, 0, 64)) + source + target
        return self.ethernet(0x86dd, packet + body)

    def arp(self):
        packet = struct.pack(">HHBBH", self.often(1, 6), self.often(0x800, 0x86dd), self.often(6, 0, 255),
                             self.often(4, 0, 16), self.some(1, 2, 3)) + self.mac + GUEST + bytes(6) + GATEWAY
        return self.ethernet(0x806, packet[:self.often(28, 0, 8, 27)])

    def frame(self):
        frame = self.some(self.whole, self.whole, self.fragment, self.ipv6, self.arp)()
        chance = self.random.random()
        if chance < 0.05:
            return frame[:self.random.randint(14, len(frame))]
        if chance < 0.1:
            at = self.random.randrange(12, len(frame))
            return frame[:at] + self.random.randbytes(1) + frame[at + 1:]
        if chance < 0.12:
            return self.ethernet(self.some(0x8100, 0x88cc, 0x8864, 0x800), self.payload())
        return frame


def main():
    seed, count, tcp, udp = map(int, sys.argv[1:])
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as link:
        link.bind(("tap0", 0))
        odd = Odd(seed, link.getsockname()[4], tcp, udp)
        for number in range(count):
            try:
                link.send(odd.frame())
            except OSError:  # larger than the interface takes, or nobody is there any more
                if number % 64 == 0 and not any(name == "tap0" for _, name in socket.if_nameindex()):
                    break
    print("sent", number + 1)


main()
