#!/bin/bash
# run.sh - what `make bench` prints: ratios, each from interleaved runs in one
# go.  BENCH in the environment names the ones to run.
#
# Single times say little on a shared machine; compare ratios.
set -u

here=$(cd "$(dirname "$0")" && pwd)
status=0
for what in ${BENCH:-import deadline recompute succession repin overdue next}; do
	bash "$here/$what.sh" || status=$?
done
exit "$status"
