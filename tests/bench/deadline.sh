#!/bin/bash
# deadline.sh - what one due date costs against numpy.busday_offset, which
# knows days off but neither make-up days nor hours nor what time it is.
#
# Both sides take a million random days of 2018 to 2026 and random terms of 1
# to 60 working days over the same days off, numpy in one vectorised call;
# CPU time per item, RUNS interleaved runs each, medians.  Without numpy the
# status is 2.  PYTHON is the python to ask.
set -eu

top=$(cd "$(dirname "$0")/../.." && pwd)
: "${MOTCUA_B:=$top/build/opt}" "${RUNS:=7}" "${CC:=cc}"
calendar=$top/tests/conformance/calendars/vn-office.json
zone=Asia/Ho_Chi_Minh from=2018-01-01 days=3200
for python in ${PYTHON:-python3 /usr/bin/python3} ''; do
	[ -n "$python" ] || {
		echo "bench: no python3 with numpy (python3-numpy)" >&2
		exit 2
	}
	! "$python" -c 'import numpy' 2>/dev/null || break
done
dir=$(mktemp -d "${TMPDIR:-/tmp}/motcua-bench.XXXXXX")
trap 'rm -rf "$dir"' EXIT

# shellcheck disable=SC2046	# flags are words
"$CC" -std=c11 -O2 -D_POSIX_C_SOURCE=200809L -I"$top/include" \
    -o "$dir/deadline" "$top/tests/bench/deadline.c" \
    "$MOTCUA_B/libmotcua.a" \
    $(pkg-config --libs jansson libutf8proc libcrypto) -pthread

cat >"$dir/theirs.py" <<-'END'
	import json
	import sys
	import time

	import numpy

	with open(sys.argv[1], encoding="utf-8") as f:
	    off = [d["date"] for d in json.load(f)["days_off"]]
	calendar = numpy.busdaycalendar(holidays=off)
	random = numpy.random.default_rng(1)
	count = 1000000
	start = (numpy.datetime64(sys.argv[2]) + random.integers(
	    0, int(sys.argv[3]), count)).astype("datetime64[D]")
	for name, terms in (("numpy", random.integers(1, 61, count)),
	                    ("numpy-15", 15)):
	    for _ in range(2):
	        began = time.process_time()
	        numpy.busday_offset(start, terms, roll="forward",
	                            busdaycal=calendar)
	        took = time.process_time() - began
	    print(name, f"{took / count * 1e9:.2f}")
END

for ((i = 0; i < RUNS; i++)); do
	"$python" "$dir/theirs.py" "$calendar" "$from" "$days" >>"$dir/times"
	"$dir/deadline" "$calendar" "$zone" "$from" "$days" \
	    >>"$dir/times" 2>/dev/null
done

sort -k1,1 -k2,2n "$dir/times" | awk '
    { v[$1, ++n[$1]] = $2 }
    END {
	for (k in n)
		m[k] = v[k, int((n[k] + 1) / 2)]
	printf "numpy.busday_offset, 1 to 60 working days: %.1f ns an item; " \
	    "15: %.1f ns\n", m["numpy"], m["numpy-15"]
	split("add_days working-days working-hours days " \
	    "working-days-same-time fractions months", kind, " ")
	for (i = 1; i in kind; i++)
		printf "  %-24s %6.1f ns  1/%.1f\n", kind[i], m[kind[i]],
		    m["numpy"] / m[kind[i]]
    }'
