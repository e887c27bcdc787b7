#!/usr/bin/env bats
# The manual, --help and the completions say what the tools do.
#
# An option is documented by a list item of exactly one of these forms, the
# argument being the option table's in lower case:
#   .It Fl w , Fl -warn Ns = Ns Ar term
#   .It Fl e , Fl -exit-code
#   .It Fl -set Ns = Ns Ar name Ns = Ns Ar value
# In motcua(7) messages are ".It Sy E_CODE", kinds of records ".It Sy motcua.x/1"
# and their members ".It Va name" or words after .Va.

load lib

# Letter, name, argument of every option a page documents.
man_options() {
	awk '/^\.It Fl / {
		letter = name = arg = ""
		for (i = 2; i <= NF; i++) {
			if ($i == "Fl" && $(i + 1) ~ /^-/) {
				name = "-" $(++i)
			} else if ($i == "Fl") {
				letter = $(++i)
			} else if ($i == "," && $(i + 1) == "Fl") {
				continue
			} else if ($i != "Ns" && $i != "Ar" &&
			    !($i == "=" && arg == "")) {
				arg = arg $i
			}
		}
		printf "%s\t%s\t%s\n", letter, name, arg
	}' "$1" | sort
}

tool_options() {
	"$1" --dump-options | awk -F '\t' '$2 != "" {
	    printf "%s\t%s\t%s\n", $1, $2, tolower($3) }' | sort
}

@test "the manual and the option table list the same options" {
	local t

	[ -n "$(tools)" ]
	for t in $(tools); do
		echo "$t"
		diff -u <(man_options "$TOP/man/$t.1") <(tool_options "$t")
	done
}

@test "no option is given twice, by letter or by name" {
	local t

	for t in $(tools); do
		echo "$t"
		diff <("$t" --dump-options | cut -f1 | grep . | sort | uniq -d) \
		    /dev/null
		diff <("$t" --dump-options | cut -f2 | grep . | sort | uniq -d) \
		    /dev/null
	done
}

@test "--help answers on stdout, within 80 columns; --version too" {
	local t

	for t in $(tools); do
		run -0 --separate-stderr "$t" --help
		[ -z "$stderr" ]
		[[ ${lines[0]} == "usage: $t "* ]]
		diff <(printf '%s\n' "${lines[@]}" | grep -E '.{81}') /dev/null
		run -0 --separate-stderr "$t" --version
		[ -z "$stderr" ]
		[[ ${lines[0]} =~ ^"$t (motcua) "[0-9] ]]
	done
}

@test "an unknown option is a usage error: nothing on stdout, status 2" {
	local t

	for t in $(tools); do
		run -2 --separate-stderr "$t" --no-such-option
		[ -z "$output" ]
		[[ ${stderr_lines[0]} == "$t: E_USAGE: "*'"--no-such-option"'* ]]
		[ "${stderr_lines[1]}" = "Try '$t --help'." ]
	done
}

@test "--help to a full disk is trouble" {
	local t

	[ -w /dev/full ] || skip 'no /dev/full here'
	for t in $(tools); do
		run -2 --separate-stderr sh -c "$t --help >/dev/full"
		[[ $stderr == "$t: E_IO: "* ]]
	done
}

@test "completions are up to date" {
	local t

	for t in $(tools); do
		diff -u "$TOP/completions/$t.bash" \
		    <(sh "$TOP/completions/gen.sh" "$t")
	done
}

# complete TOOL WORD...: what bash would offer for the last word.
complete_words() {
	local tool=$1

	bash --norc -c '
		shopt -s extglob
		compopt() { :; }
		source "$1"
		shift
		fn=$(complete -p "$1") && fn=${fn##*-F } && fn=${fn%% *}
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		"$fn" && printf "%s\n" "${COMPREPLY[@]}"
	' - "$TOP/completions/$tool.bash" "$@"
}

@test "completions complete" {
	local t

	for t in $(tools); do
		[ "$(complete_words "$t" --hel)" = --help ]
		if "$t" --dump-options | grep -q "	--format	"; then
			[ "$(complete_words "$t" --format = nds)" = "" ]
			[ "$(complete_words "$t" -f ndj)" = ndjson ]
			[ "$(complete_words "$t" --format = ndj)" = ndjson ]
		fi
	done
}

# The words that the sources pass as a message's code.
codes() {
	grep -ohE '"[EW]_[A-Z0-9_]+"' "$TOP"/lib/*/*.[ch] "$TOP"/cmd/*.c \
	    "$TOP"/include/motcua/*.h | tr -d '"' | grep -v '_$' | sort -u
}

@test "motcua(7) lists every message code, and no other" {
	diff -u <(sed -n 's/^\.It Sy \([EW]_[A-Z0-9_]*\)$/\1/p' \
	        "$TOP/man/motcua.7" | sort) <({ codes; echo E_USAGE; } | sort -u)
}

@test "motcua(7) knows every kind of record and every member" {
	local name bad=0

	for name in $(grep -ohE '"motcua\.[a-z0-9-]+/[0-9]+"' "$TOP"/cmd/*.c |
	    tr -d '"' | sort -u); do
		grep -qxF ".It Sy $name" "$TOP/man/motcua.7" || {
			echo "no $name"
			bad=1
		}
	done
	for name in $(grep -ohE \
	    'mc_out_(strn?|int|bool|null|time|day|json)\([a-z>.-]+, "[a-z_0-9]+"' \
	    "$TOP"/cmd/*.c | sed 's/.*"\(.*\)"/\1/' | sort -u); do
		grep -qE "^\.(It )?Va (.* )?$name( |\$)" "$TOP/man/motcua.7" || {
			echo "no member $name"
			bad=1
		}
	done
	[ "$bad" -eq 0 ]
}
