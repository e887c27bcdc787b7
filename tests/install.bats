#!/usr/bin/env bats
# make install and uninstall: what goes where, under which name.

load lib

# The tests' own build is installed, not made again beside them.
make_() {
	env -u MFLAGS -u MAKEFLAGS -u MAKELEVEL \
	    make -s -C "$TOP" -o all B="$MOTCUA_B" DESTDIR="$DEST" "$@"
}

setup() {
	DEST=$BATS_TEST_TMPDIR/dest
}

files() {
	(cd "$DEST" && find . -type f | sort)
}

# What ought to be there: PREFIX and program prefix.
wanted() {
	local t m

	for t in $(tools); do
		echo ".$1/bin/$2$t"
		echo ".$1/share/man/man1/$2$t.1"
		echo ".$1/share/bash-completion/completions/$2$t"
	done
	for m in "$TOP"/man/*.7; do
		echo ".$1/share/man/man7/${m##*/}"
	done
}

@test "install puts programs, pages and completions; uninstall takes them" {
	run -0 make_ install
	diff <(wanted /usr/local '' | sort) <(files)
	run -0 "$DEST/usr/local/bin/$(tools | head -n 1)" --version
	run -0 make_ uninstall
	[ -z "$(files)" ]
}

@test "PROGRAM_PREFIX renames all three, inside too" {
	local t c

	run -0 make_ PREFIX=/usr PROGRAM_PREFIX=motcua- install
	diff <(wanted /usr motcua- | sort) <(files)
	for t in $(tools); do
		run -0 --separate-stderr "$DEST/usr/bin/motcua-$t" --help
		[[ ${lines[0]} == "usage: motcua-$t "* ]]
		c=$DEST/usr/share/bash-completion/completions/motcua-$t
		[[ $(tail -n 1 "$c") == "complete "*" motcua-$t" ]]
		grep -qx "\.Nm motcua-$t" \
		    "$DEST/usr/share/man/man1/motcua-$t.1"
	done
	run -0 make_ PREFIX=/usr PROGRAM_PREFIX=motcua- uninstall
	[ -z "$(files)" ]
}

@test "modes do not depend on the umask" {
	local f t

	umask 077
	run -0 make_ install
	while read -r f; do
		case $f in
		*/bin/*) [ "$(stat -c %a "$f")" = 755 ] ;;
		*) [ "$(stat -c %a "$f")" = 644 ] ;;
		esac
	done < <(find "$DEST" -type f)
}
