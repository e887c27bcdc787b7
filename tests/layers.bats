#!/usr/bin/env bats
# The architecture as tests: layers, foreign libraries, silence, names.

load lib

# A room's layer; it may use its own and those below (DESIGN 6).
layer_of() {
	case $1 in
	base) echo 0 ;;
	text) echo 1 ;;
	foreign) echo 2 ;;
	domain) echo 3 ;;
	store | rulebook | import | exchange | casework | watch | audit) echo 4 ;;
	edge) echo 5 ;;
	*) echo "lib/$1 is in no layer; see layer_of() in tests/layers.bats" >&2
	    return 1 ;;
	esac
}

# layer MODULE: that of the room where its code is.
layer() {
	local room

	case $1 in
	actor | embed | number) room=base ;; # nothing but a header
	*) room=$(cd "$TOP/lib" && echo */"$1.c") ;;
	esac
	layer_of "${room%/*}"
}

# The module a file belongs to: repo for repo_tree.c, repo_internal.h.
module() {
	local m=${1##*/}

	m=${m%.[cho]}
	while [ ! -e "$TOP/include/motcua/$m.h" ] && [[ $m == *_* ]]; do
		m=${m%_*}
	done
	echo "$m"
}

objects() {
	find "$MOTCUA_B"/lib/*/ -name '*.o' | sort
}

# using OBJECT WORD...: which of these symbols it wants from elsewhere, also
# in the forms that _FORTIFY_SOURCE and the C99 headers give them.
using() {
	local o=$1

	shift
	nm -u "$o" | awk -v list="$*" '
	    BEGIN { n = split(list, w, " "); for (i = 1; i <= n; i++) bad[w[i]] }
	    { s = $2; sub(/@.*/, "", s); sub(/^__isoc99_/, "", s)
	      if (s ~ /^__.*_chk$/) { sub(/^__/, "", s); sub(/_chk$/, "", s) }
	      if (s in bad) print s }'
}

@test "no layer points upwards" {
	local f m want h got bad=0

	for f in "$TOP"/lib/*/*.[ch] "$TOP"/include/motcua/*.h; do
		m=$(module "$f")
		want=$(layer "$m")
		for h in $(sed -n \
		    's|^#include [<"]motcua/\([a-z0-9_]*\)\.h[>"].*|\1|p' "$f")
		do
			got=$(layer "$h")
			if [ "$got" -gt "$want" ]; then
				echo "${f#"$TOP"/} (layer $want) uses $h ($got)"
				bad=1
			fi
		done
	done
	[ "$bad" -eq 0 ]
}

@test "every module has its header, and one room" {
	local f

	diff <(for f in "$TOP"/lib/*/*_*.c; do
		[ -e "${f%/*}/$(module "$f").c" ] || echo "$f"
	done) /dev/null
	for f in "$TOP"/lib/*/*.c; do
		[ -e "$TOP/include/motcua/$(module "$f").h" ] || {
			echo "$f has no header"
			return 1
		}
	done
}

@test "a foreign library's header is included by one module only" {
	local bad=0 header owner f

	while read -r header owner; do
		while read -r f; do
			if [ "$(module "$f")" != "$owner" ] ||
			    [[ $f != "$TOP"/lib/* ]]; then
				echo "${f#"$TOP"/}: $header is for $owner"
				bad=1
			fi
		done < <(grep -lE "^#include [<\"]$header" "$TOP"/lib/*/*.[ch] \
		    "$TOP"/cmd/*.c "$TOP"/include/motcua/*.h)
	done <<-'END'
		sqlite3 db
		jansson json
		git2 repo
		utf8proc charset
		openssl/ hash
		zstd pack
		expat xml
		csv\.h none
	END
	[ "$bad" -eq 0 ]
}

@test "tools use the library by its public headers only" {
	diff <(grep -nE '^#include "|_internal\.h' "$TOP"/cmd/*.c) /dev/null
}

@test "nothing below the edge prints" {
	local o m bad=0 found

	for o in $(objects); do
		m=$(module "$o")
		# Out of memory is told by mem, and by nobody else.
		if [ "$m" = mem ] || [ "$(layer "$m")" -ge 5 ]; then
			continue
		fi
		# A FILE of its own a module may write; these need none.
		found=$(using "$o" printf vprintf puts putchar perror stdout \
		    stderr dprintf vdprintf psignal warn warnx err errx syslog)
		[ -z "$found" ] || { echo "$m:" "$found"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

@test "nothing below the edge writes to descriptor 1 or 2" {
	local f bad=0

	for f in "$TOP"/lib/*/*.c; do
		[ "$(layer "$(module "$f")")" -lt 5 ] || continue
		! grep -HnE '(write|dup2|fdopen)\([^;]*(STDOUT|STDERR)_FILENO' \
		    "$f" || bad=1
		! grep -HnE '(write|fdopen)\([12],' "$f" || bad=1
	done
	[ "$bad" -eq 0 ]
}

@test "only cli looks at the environment, the clock, the terminal" {
	local o m bad=0 found

	# A wait for the lock is measured, but not by the time of day.
	run ! grep -nE 'CLOCK_REALTIME|[^_]time\(NULL\)' "$TOP/lib/foreign/db.c"
	for o in $(objects); do
		m=$(module "$o")
		[ "$m" != cli ] || continue
		found=$(using "$o" getenv secure_getenv isatty ttyname time \
		    clock clock_gettime gettimeofday setlocale getpwuid \
		    getlogin)
		[ "$m $found" != 'db clock_gettime' ] || continue
		[ -z "$found" ] || { echo "$m:" "$found"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

@test "nobody uses what cannot be used safely, or ends the process" {
	local o bad=0 found

	for o in $(objects) "$MOTCUA_B"/cmd/*.o; do
		found=$(using "$o" strcpy strcat stpcpy sprintf vsprintf \
		    strtok gets atoi atol atoll scanf sscanf fscanf system \
		    popen exit _exit quick_exit rand srand tmpnam mktemp)
		[ -z "$found" ] || { echo "${o##*/}:" "$found"; bad=1; }
	done
	[ "$bad" -eq 0 ]
}

@test "no library function is without its prefix and its header" {
	diff <(nm -g --defined-only "$MOTCUA_B/libmotcua.a" |
	        awk 'NF == 3 && $3 !~ /^__/ { print $3 }' | sort -u |
	        grep -vxF "$(cat "$TOP"/include/motcua/*.h \
	            "$TOP"/lib/*/*_internal.h 2>/dev/null |
	            grep -oE '\<mc_[a-z0-9_]+' | sort -u)") /dev/null
}

@test "every main() is about a screenful" {
	local f n

	for f in "$TOP"/cmd/*.c; do
		n=$(awk '/^main\(/ { on = NR } on && /^}/ { print NR - on; exit }
		    ' "$f")
		echo "${f##*/}: ${n:-no main}"
		[ -n "$n" ] && [ "$n" -le 66 ]
	done
}

# What stands in a checkout beside these was left there by something.
@test "the top level has its places and nothing else" {
	local want='.ci .clang-format .gitignore LICENSE Makefile README.md cmd completions include lib man tests'

	git -C "$TOP" rev-parse --is-inside-work-tree >/dev/null 2>&1 ||
	    skip 'no git checkout'
	run -0 git -C "$TOP" ls-files
	[ "$(cut -d/ -f1 <<<"$output" | LC_ALL=C sort -u |
	    paste -sd' ')" = "$want" ]
}
