# SPDX-License-Identifier: Apache-2.0
# Common settings of build-image and vm-run; sourced by both, never run.
# shellcheck shell=bash disable=SC2034

# Debian packages that the rig needs on the machine it runs on.
# (socat, tmux etc. are not needed: the guest is reached over virtio-serial.)
RIG_DEPS=(
    qemu-system-x86     # qemu-system-x86_64 (TCG, microvm/pc machine types)
    qemu-utils          # qemu-img: the disk of a saved machine
    mmdebstrap          # makes the root file system out of Debian packages
    e2fsprogs           # mke2fs -d: a directory into an ext4 image, no loop mount
    busybox-static      # all of the initrd's user space
    cpio                # packs the initrd
    kmod                # depmod, modprobe --show-depends for the initrd's modules
    zstd xz-utils lz4   # kernels and their modules come compressed
    binutils            # readelf: checks the uncompressed kernel
)

# Where the built images live: --cache DIR, else $VM_CACHE, else XDG's cache.
RIG_CACHE=${VM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/wolffia-vm}

# The kernels that can be booted: NAME -> Debian (meta) package. Each is a stock
# Debian 12 kernel. -cloud kernels have the same user-visible features as the
# plain ones (user namespaces, seccomp, Landlock, AppArmor, cgroup v2, overlay,
# fuse) but far fewer drivers, so they boot faster.
declare -A RIG_KERNELS=(
    [6.1]=linux-image-cloud-amd64             # Debian 12's stock kernel
    [6.12]=linux-image-6.12-cloud-amd64       # Debian 12's newer kernel
)
RIG_KERNEL_DEFAULT=6.1

# The ordinary user in the guest.
RIG_USER=tester
RIG_UID=1000

die() { echo "${0##*/}: $*" >&2; exit 125; }

# Installs what is missing of RIG_DEPS (as root), or says how to.
need_deps() {
    local missing=() p
    for p in "${RIG_DEPS[@]}"; do
        [ "$(dpkg-query -W -f '${db:Status-Status}' "$p" 2>/dev/null)" = installed ] || missing+=("$p")
    done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" = 0 ]; then
        # An index that is already there is used first; only if that fails is it renewed.
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}" >&2 ||
            { apt-get update >&2 && DEBIAN_FRONTEND=noninteractive \
                apt-get install -y --no-install-recommends "${missing[@]}" >&2; } ||
            die "could not install: ${missing[*]}"
    else
        die "missing packages; as root: apt-get install -y ${missing[*]}"
    fi
}
