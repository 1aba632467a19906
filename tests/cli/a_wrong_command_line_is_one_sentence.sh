#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What is wrong is named, on standard error, with exit status 1.
. "$TOP/tests/support/lib.sh"

expect_error 1 '^wolffia-oci: unknown flag --frob of create: ' oci create --frob "$ID"
expect_equal "$(wc -l <"$TMP/err")" 1 'the number of lines'
expect_equal "$(cat "$TMP/out")" '' 'standard output'
expect_error 1 '^wolffia-oci: unknown command "frob": ' oci frob
expect_error 1 '^wolffia-oci: a command is missing: ' oci
expect_error 1 '^wolffia-oci: kill needs more arguments: ' oci kill
expect_error 1 '^wolffia-oci: state does not take "two": ' oci state one two
expect_error 1 '^wolffia-oci: unknown flag -box of state: ' oci state -box
expect_error 1 '^wolffia-oci: --root needs a value: ' oci --root
