#!/bin/sh
# setup.sh SET... - what a set of make targets needs, installed if missing.
#
# Sets: build, demo, check, lint.  Looks for the thing itself (a command, a
# pkg-config module, a file), so it is quiet on any system that has it.
# What is missing comes from apt, as root or through sudo; where that cannot
# be, the line to run is printed and the status is 2.
set -eu

# kind probe package
needs() {
	case $1 in
	build)	cat <<-'END'
		cmd	cc	gcc
		file	/usr/include/stdio.h	libc6-dev
		cmd	ar	binutils
		cmd	pkg-config	pkg-config
		pc	sqlite3	libsqlite3-dev
		pc	jansson	libjansson-dev
		pc	libgit2	libgit2-dev
		pc	libcrypto	libssl-dev
		pc	libutf8proc	libutf8proc-dev
		pc	libzstd	libzstd-dev
		pc	expat	libexpat1-dev
		file	/usr/share/zoneinfo/Asia/Ho_Chi_Minh	tzdata
		END
		;;
	demo)	cat <<-'END'
		cmd	git	git
		cmd	jq	jq
		END
		;;
	check)	cat <<-'END'
		cmd	bats	bats
		cmd	git	git
		cmd	jq	jq
		cmd	prove	perl
		cmd	sqlite3	sqlite3
		cmd	script	bsdutils
		file	/usr/include/csv.h	libcsv-dev
		END
		;;
	lint)	cat <<-'END'
		cmd	clang	clang
		cmd	clang-format	clang-format
		cmd	cppcheck	cppcheck
		cmd	git	git
		cmd	mandoc	mandoc
		cmd	shellcheck	shellcheck
		END
		;;
	*)	echo "setup.sh: no set \"$1\"" >&2; exit 2 ;;
	esac
}

have() {
	case $1 in
	cmd)	command -v "$2" >/dev/null ;;
	pc)	pkg-config --exists "$2" 2>/dev/null ;;
	file)	[ -e "$2" ] ;;
	esac
}

# Prints the packages of all sets whose probe fails, each once.
missing() {
	for set; do
		needs "$set"
	done | while IFS='	' read -r kind probe package; do
		have "$kind" "$probe" || echo "$package"
	done | sort -u | tr '\n' ' '
}

# What runs a command as root here; fails when nothing does.
root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
		sudo -n "$@"
	elif command -v sudo >/dev/null && [ -t 2 ] &&
	    (: </dev/tty) 2>/dev/null; then
		sudo "$@"
	else
		return 2
	fi
}

apt() {
	root env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l apt-get \
	    -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

# promtool, for one test that is skipped without it: it comes with a daemon
# that nobody wants installed, so the program alone is unpacked.
fetch_promtool() {
	to=$(dirname "$0")/../build/tools
	! command -v promtool >/dev/null && [ ! -e "$to/promtool" ] &&
	    command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
		return 0
	work=$(mktemp -d) || return 0
	(
		cd "$work" || exit
		apt-get -qq download prometheus ||
		    { apt update && apt-get -qq download prometheus; }
		dpkg-deb --fsys-tarfile prometheus_*.deb |
		    tar -xf - ./usr/bin/promtool
	) >/dev/null 2>&1 </dev/null && mkdir -p "$to" &&
	    mv "$work/usr/bin/promtool" "$to/promtool" ||
		echo 'setup: no promtool; its test will be skipped' >&2
	rm -rf "$work"
}

[ $# -gt 0 ] || { echo 'usage: setup.sh SET...' >&2; exit 2; }
for set; do
	needs "$set" >/dev/null
done
# One at a time: make -j may want two sets at once.
exec 9<"$0"
if command -v flock >/dev/null; then
	flock 9
fi

for set; do
	[ "$set" != check ] || fetch_promtool
done
want=$(missing "$@")
[ -n "$want" ] || exit 0
give_up() {
	printf 'setup: missing: %s\nsetup: run this first:\n' "${want% }" >&2
	printf '  sudo apt-get update && sudo apt-get install -y %s\n' \
	    "${want% }" >&2
	exit 2
}
command -v apt-get >/dev/null || give_up
root true || give_up
echo "setup: installing: ${want% }" >&2
# The lists may be absent (a container) or old (a cloud image).
# shellcheck disable=SC2086	# a list of package names
apt install -y --no-install-recommends $want >/dev/null 2>&1 ||
    { apt update >&2 && apt install -y --no-install-recommends $want >&2; } ||
    give_up
want=$(missing "$@")
[ -z "$want" ] || give_up
