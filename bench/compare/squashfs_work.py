# SPDX-License-Identifier: Apache-2.0
"""What a SquashFS image as a lower layer costs: a part of overlay_work.py. One file of programs is read from its beginning to
its end, from an image just mounted and then once more; the same blocks are decompressed by zstd(1) alone, a process a core."""
import glob
import os
import shutil
import subprocess
import sys

COLD, WARM = "squashfs lower, cold", "squashfs lower, warm"
FUSE, ZSTD, EXTRACTED = "squashfuse", "zstd of all cores", "wolffia-overlay, extracted"
IMAGE = "wolffia-overlay, an image"
BLOCK = 128 << 10
LEVEL = "9"
MIB = 192


def make_large(path):
    """What programs and libraries of this machine are made of, behind each other."""
    with open(path, "wb") as large:
        for source in sorted(glob.glob("/usr/bin/*") + glob.glob("/usr/lib/*/*.so*")):
            if os.path.islink(source) or not os.path.isfile(source):
                continue
            with open(source, "rb") as file:
                shutil.copyfileobj(file, large)
            if large.tell() > MIB << 20:
                large.truncate(MIB << 20)
                return


def make_frames(path, parts):
    """The blocks of a file, compressed each on its own, dealt out to a file a core."""
    blocks = path + ".blocks"
    os.mkdir(blocks)
    subprocess.run(["split", "-a", "5", "-b", str(BLOCK), path, blocks + "/"], check=True)
    names = sorted(glob.glob(blocks + "/*"))
    subprocess.run(["zstd", "-q", "--rm", f"-{LEVEL}", *names], check=True)
    frames = [f"{path}.{part}.zst" for part in range(parts)]
    for part, frame in enumerate(frames):
        with open(frame, "wb") as out:
            for name in names[part::parts]:
                with open(name + ".zst", "rb") as file:
                    shutil.copyfileobj(file, out)
    shutil.rmtree(blocks)
    return frames


def read_all(path):
    subprocess.run(["dd", f"if={path}/large", "of=/dev/null", "bs=1M", "status=none"], check=True)


def decompress(frames):
    processes = [subprocess.Popen(["zstd", "-q", "-d", "-c", "--no-check", frame], stdout=subprocess.DEVNULL)
                 for frame in frames]
    if any([process.wait() for process in processes]):
        sys.exit("zstd failed")


def measure(work, sample, mount_of):
    """`work` is overlay_work's: its samples get ours. `mount_of` makes a mount of a command."""
    if not work.wanted(COLD) and not work.wanted(WARM):
        return
    print(f"measuring: {COLD}, {WARM}", file=sys.stderr)
    tree, image = work.home + "/large", work.home + "/image"
    os.mkdir(tree)
    make_large(tree + "/large")
    subprocess.run(["mksquashfs", tree, image, "-noappend", "-quiet", "-no-progress", "-comp", "zstd", "-Xcompression-level", LEVEL],
                   check=True, stdout=subprocess.DEVNULL)
    shutil.copy(tree + "/large", work.home + "/whole")
    frames = make_frames(work.home + "/whole", os.cpu_count())
    ours = work.programs["wolffia-overlay"]
    words = {"wolffia-overlay": [ours, "-o", f"lowerdir={image}"], EXTRACTED: [ours, "-o", f"lowerdir={tree}"],
             FUSE: [shutil.which(FUSE) or FUSE, image]}
    for _ in range(work.chosen.rounds):
        add(work, ZSTD, COLD, sample(Nobody(), lambda _: decompress(frames)))
        read_all(tree)
        add(work, "plain directory", WARM, sample(Nobody(), lambda _: read_all(tree)))
        for name, command in words.items():
            if not os.path.exists(command[0]):
                work.refused[name] = "it is not there"
                continue
            path = work.home + "/mounted"
            with mount_of(path, command) as mounted:
                for scenario in (COLD, WARM):
                    taken = sample(mounted, lambda _: read_all(path))
                    if (name, scenario) != (EXTRACTED, COLD):  # it is in the page cache anyway
                        add(work, name, scenario, taken)


def resident(work, mount_of, look_at_all):
    """KiB that the daemon has once every file of an image was looked at."""
    image = work.home + "/trees.image"
    subprocess.run(["mksquashfs", work.trees, image, "-noappend", "-quiet", "-no-progress", "-comp", "zstd",
                    "-Xcompression-level", "1"], check=True, stdout=subprocess.DEVNULL)
    with mount_of(work.home + "/walked", [work.programs["wolffia-overlay"], "-o", f"lowerdir={image}"]) as place:
        look_at_all(place)
        return place.memory("VmRSS")


def add(work, name, scenario, taken):
    if work.wanted(scenario):
        work.samples.setdefault(scenario, {}).setdefault(name, []).append(taken)


class Nobody:
    """No daemon serves it."""

    def processor_time(self):
        return 0

    def memory(self, _what):
        return 0
