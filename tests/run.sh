#!/bin/sh
# run.sh TEST - one test file, in an environment that says nothing.
#
# prove runs this for unit binaries and bats files alike, so that neither
# the user's settings nor a file's mode decide what happens.
for v in MOTCUA_DB MOTCUA_ACTOR SUDO_USER COLUMNS BASH_ENV GIT_DIR \
    GIT_WORK_TREE GIT_INDEX_FILE; do
	unset "$v"
done
LC_ALL=C.UTF-8 TZ=UTC0
GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
export LC_ALL TZ GIT_CONFIG_GLOBAL GIT_CONFIG_SYSTEM
case $1 in
*.bats)	exec bats --tap "$1" ;;
*)	exec "$1" ;;
esac
