#!/bin/sh
# run.sh SECONDS TARGET... - the fuzzers in $MOTCUA_B, one after another.
#
# Each begins with its seeds and what earlier runs have found to be of use.
# One line a target; an input that breaks it stays where the line says.
# Without targets: can fuzzers be built at all, by $CC?
set -eu

if [ $# -lt 2 ]; then
	if echo 'int LLVMFuzzerTestOneInput(const char *p, unsigned long n);
	    int LLVMFuzzerTestOneInput(const char *p, unsigned long n)
	    { return !p && n; }' |
	    ${CC:-clang} -fsanitize=fuzzer,address,undefined -x c -o /dev/null \
	        - 2>/dev/null; then
		exit 0
	fi
	echo "fuzz: missing: a ${CC:-clang} with libFuzzer (on Debian the" \
	    "package clang; FUZZ_CC=... names another)" >&2
	exit 2
fi

seconds=$1
shift
status=0
for target; do
	corpus=$MOTCUA_B/corpus/$target
	log=$MOTCUA_B/$target.log
	mkdir -p "$corpus"
	rm -f "$MOTCUA_B/$target"-[clots]*
	if "$MOTCUA_B/fuzz-$target" -max_total_time="$seconds" -max_len=4096 \
	    -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
	    -artifact_prefix="$MOTCUA_B/$target-" "$corpus" \
	    "tests/fuzz/seeds/$target" >"$log" 2>&1 </dev/null; then
		awk -v t="$target" -v s="$seconds" '
		    /number_of_executed_units/ { n = $2 }
		    / cov: / { for (i = 1; i < NF; i++)
		        if ($i == "cov:") cov = $(i + 1) }
		    END { printf "%-10s %9d inputs in %d s, %d edges reached\n",
		        t, n, s, cov }' "$log"
		continue
	fi
	status=1
	why=$(grep -m 1 -E 'does not hold|runtime error|ERROR: ' "$log" || true)
	printf '%-10s FAILED: %s\n' "$target" "${why:-see $log}"
	for input in "$MOTCUA_B/$target"-[clots]*; do
		[ ! -e "$input" ] || printf '%-10s input: %s\n' "" "$input"
	done
done
exit $status
