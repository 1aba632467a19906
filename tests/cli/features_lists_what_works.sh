#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The features object of runtime-spec 1.3 is complete, and containerd finds rro in it.
. "$TOP/tests/support/lib.sh"

expect_status 0 oci features
jq -e '.ociVersionMin == "1.0.0" and .ociVersionMax == "1.3.0"' "$TMP/out" || fail 'versions'
jq -e '.mountOptions | index("rro") and index("tmpcopyup")' "$TMP/out" || fail 'mountOptions'
jq -e '.hooks | length == 6' "$TMP/out" || fail 'hooks'
jq -e '.linux | has("namespaces") and has("capabilities") and has("cgroup") and has("seccomp") and
  has("apparmor") and has("selinux") and has("intelRdt") and has("mountExtensions") and
  has("netDevices") and has("memoryPolicy")' "$TMP/out" || fail 'linux'
# Of the flags those that this kernel takes.
jq -e '.linux.seccomp | .knownFlags as $known | (.supportedFlags | length) >= 3 and all(.supportedFlags[]; IN($known[]))' \
  "$TMP/out" || fail 'seccomp flags'
jq -e '.linux.intelRdt == {enabled: false, schemata: false, monitoring: false} and .linux.netDevices == {enabled: true}' \
  "$TMP/out" || fail 'what takes privileges'
jq -e '.linux.cgroup == {v1: false, v2: true, systemd: true, systemdUser: true, rdma: true}' \
  "$TMP/out" || fail 'cgroup'
