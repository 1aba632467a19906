# SPDX-License-Identifier: Apache-2.0
"""The work of `net`, as an ordinary user: prints {scenario: {program: [[nanoseconds, CPU nanoseconds, peak KiB]…]}}.

The host is a network namespace too, that is nothing but "lo" with one more address, which guests can be led to.
"""
import argparse
import concurrent.futures
import contextlib
import fcntl
import functools
import json
import os
import shutil
import socket
import struct
import subprocess
import sys
import time

from net_served import Bound, Pasta, Served

OURS, PEER, OTHER = "wolffia-net", "slirp4netns", "pasta"
PACKETS, SMALL_PACKETS = "wolffia-net, as packets", "wolffia-net, as packets of 1500"
GIGABYTE = 1 << 30
CHUNK = 1 << 20
HOST = "192.0.2.1"
PATIENCE = 60  # seconds without a byte


def connect(place, kind, size):
    client = socket.create_connection(place, timeout=PATIENCE)
    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    client.sendall(b"%c%015d" % (kind, size))
    return client


def send(place, size):
    block = bytes(CHUNK)
    with connect(place, ord("i"), size) as client:
        for _ in range(size // CHUNK):
            client.sendall(block)
        assert client.recv(1) == b".", "it did not arrive"


def receive(place, size):
    buffer, left = bytearray(CHUNK), size
    with connect(place, ord("o"), size) as client:
        while left > 0:
            got = client.recv_into(buffer)
            assert got > 0, "it did not arrive"
            left -= got


def streams(work, count):
    """The unit is a GB."""
    def run(place, chosen):
        size = int(chosen.gigabytes * GIGABYTE / count) // CHUNK * CHUNK
        with concurrent.futures.ThreadPoolExecutor(count) as threads:
            for stream in [threads.submit(work, place, size) for _ in range(count)]:
                stream.result()
        return size * count / 1e9
    return run


def setup(place, chosen):
    for _ in range(chosen.connections):
        with connect(place, ord("s"), 0) as client:
            assert client.recv(1) == b".", "it was not served"
    return chosen.connections


def requests(place, chosen):
    with connect(place, ord("r"), chosen.connections) as client:
        for _ in range(chosen.connections):
            client.sendall(b"?")
            client.recv(1)
    return chosen.connections


def idle_one(place):
    """Answered once: libslirp's listener lets one connection wait at a time, and a further one try again a second later."""
    client = connect(place, ord("r"), 2)
    client.sendall(b"?")
    client.recv(1)
    return client


def with_idle_ones(place, chosen):
    """400 that do nothing, each as long as the others are there. To begin them costs as well: a few per cent of so many requests."""
    idle = [idle_one(place) for _ in range(400)]
    done = measure(requests, place, argparse.Namespace(connections=10 * chosen.connections))
    for client in idle:
        client.close()
    return done


def arrived(place):
    with connect(place, ord("u"), 0) as client:
        size, when = client.makefile("rb").read().split()
    return int(size), int(when)


def datagrams(place, chosen):
    """As fast as they can be sent, in steps, so that what is lost is lost on the way; the unit is a GB that has arrived."""
    arrived(place)
    data, steps = bytes(1400), int(chosen.gigabytes * GIGABYTE / 4 / (64 * 1400))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect(place)
        began = time.monotonic_ns()
        for _ in range(steps):
            for _ in range(64):
                with contextlib.suppress(ConnectionRefusedError, BlockingIOError):
                    client.send(data)
    size, last = 0, (0, 0)
    while (now := arrived(place))[0] > 0 or size == 0:
        size, last = size + now[0], now if now[0] else last
        time.sleep(0.05)
    units = size / 1e9
    return (last[1] - began) / units, units


def own_time(work):
    work.measures_itself = True
    return work


WORK = {
    "in, 1 stream": streams(send, 1),
    "in, 8 streams": streams(send, 8),
    "back, 1 stream": streams(receive, 1),
    "back, 8 streams": streams(receive, 8),
    "connection setup": setup,
    "request and response": requests,
    "request and response, 400 idle": own_time(with_idle_ones),
    "datagrams of 1400": own_time(datagrams),
}
SCENARIOS = {
    **{"published, " + name: work for name, work in WORK.items()},
    **{"outbound, " + name.replace("in,", "up,").replace("back,", "down,"): work for name, work in WORK.items()},
}


def measure(work, place, chosen):
    """Nanoseconds for each unit, and units."""
    if hasattr(work, "measures_itself"):
        return work(place, chosen)
    began = time.monotonic_ns()
    units = work(place, chosen)
    return (time.monotonic_ns() - began) / units, units


def from_inside(it, scenario, bound, chosen):
    """The same from within the guest's namespace towards the host."""
    words = [sys.executable, "-B", __file__, *sys.argv[1:], "--inside", scenario, "--port", str(bound.port)]
    done = subprocess.run(it.inside(*words), stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        raise OSError(f"{scenario} was not served")
    return json.loads(done.stdout)


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program")
    parser.add_argument("--rounds", type=int)
    parser.add_argument("--gigabytes", type=float)
    parser.add_argument("--connections", type=int)
    parser.add_argument("--only")
    parser.add_argument("--inside")
    parser.add_argument("--port", type=int)
    return parser.parse_args()


def enter_host():
    if "WOLFFIA_BENCH_HOST" not in os.environ:
        os.environ["WOLFFIA_BENCH_HOST"] = HOST
        os.execvp("unshare", ["unshare", "-rn", sys.executable, "-B", *sys.argv])
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "addr", "add", HOST + "/32", "dev", "lo"], check=True)
    # pasta takes addresses and routes from the host's interface: one whose other end nobody reads. Source: tun.rst.
    fcntl.ioctl(os.open("/dev/net/tun", os.O_RDWR), 0x400454CA, struct.pack("16sH22x", b"away", 2))
    for words in ("addr add 198.51.100.2/24 dev away", "link set away up",
                  "route add default via 198.51.100.1"):
        subprocess.run(["ip", *words.split()], check=True)


def take_samples(scenario, served, chosen):
    found = {}
    for _ in range(chosen.rounds):
        for it in served:
            cpu = it.cpu()
            try:
                if scenario.startswith("outbound"):
                    wall, units = from_inside(it, scenario, served[0], chosen)
                else:
                    wall, units = measure(SCENARIOS[scenario], ("127.0.0.1", it.port), chosen)
            except OSError as failure:
                print(f"{it.name}: {failure}", file=sys.stderr)
                continue
            found.setdefault(it.name, []).append([int(wall), int((it.cpu() - cpu) / units), it.peak()])
    return found


BEGINNING = "time to ready, and memory idle"


def begin_some(commands, chosen):
    """Each in a namespace of its own, that has nothing to do."""
    found = {}
    for _ in range(max(chosen.rounds, 5)):
        for name, (kind, command) in commands.items():
            it = kind(name, command)
            found.setdefault(name, []).append([it.begun_in, it.cpu(), it.peak("VmRSS:")])
            it.close()
    return found


def measure_all(served, chosen):
    samples = {}
    for scenario in SCENARIOS:
        if chosen.only in scenario:
            print("measuring: " + scenario, file=sys.stderr)
            samples[scenario] = take_samples(scenario, served, chosen)
    return samples


def main():
    chosen = arguments()
    if chosen.inside:
        print(json.dumps(measure(SCENARIOS[chosen.inside], (HOST, chosen.port), chosen)))
        return
    enter_host()
    # As Podman does. To the peers the host that is blocked is the gateway alone; ours is confined without being asked.
    blocked = "--disable-host-loopback"
    ours = [chosen.program, blocked, "--allow=" + HOST]
    packets = [*ours, "--disable-splice", "--outbound=slirp"]
    commands = {OURS: (Served, ours), PACKETS: (Served, packets), SMALL_PACKETS: (functools.partial(Served, mtu=1500), packets)}
    if shutil.which(PEER):
        commands[PEER] = (Served, [PEER, blocked, "--enable-sandbox", "--enable-seccomp"])
    if shutil.which(OTHER):
        commands[OTHER] = (Pasta, [OTHER])
    with contextlib.ExitStack() as ended:
        served = []
        for begin in (Bound, *(functools.partial(kind, name, command) for name, (kind, command) in commands.items())):
            served.append(begin())
            ended.callback(served[-1].close)
            served[-1].serve()
        samples = measure_all(served, chosen)
    if chosen.only in BEGINNING:
        samples[BEGINNING] = begin_some(commands, chosen)
    print(json.dumps(samples))


if __name__ == "__main__":
    main()
