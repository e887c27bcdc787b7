#!/bin/sh
# gen.sh TOOL - bash completion for TOOL, from its own --dump-options.
set -eu

tool=${1:?usage: gen.sh TOOL}
options=$("$tool" --dump-options)
name=_motcua_$(printf %s "$tool" | tr - _)

# Options that take a file, one of a list (named in the help), or anything.
pick() { printf '%s\n' "$options" | awk -F '\t' "$1"; }
words=$(pick '$2 != "" { print $2 ($3 != "" ? "=" : "") }' | tr '\n' ' ')
first=$(pick '$2 == "" { print $3 }')
files=$(pick '$3 ~ /FILE|REPO|DIR/ { print ($1 ? "-" $1 "|" : "") $2 }' |
    tr '\n' '|')
formats=$(pick '$2 == "--format" && sub(/.*: /, "", $4) {
	gsub(/,/, "", $4); print $4 }')
values=$(pick '$2 != "" && $3 != "" && $3 !~ /FILE|REPO|DIR/ &&
    $2 != "--format" { print ($1 ? "-" $1 "|" : "") $2 }' | tr '\n' '|')

arm() {
	[ -z "$1" ] || printf '\t%s)\n\t\t%s\n\t\treturn ;;\n' "${1%|}" "$2"
}

cat <<END
# bash completion for $tool, made by completions/gen.sh: do not edit.
$name()
{
	local cur=\${COMP_WORDS[COMP_CWORD]} opt=\${COMP_WORDS[COMP_CWORD-1]}

	COMPREPLY=()
	# bash splits --name=value at the equals sign.
	if [[ \$cur == '=' ]]; then
		cur=
	elif [[ \$opt == '=' ]]; then
		opt=\${COMP_WORDS[COMP_CWORD-2]}
	fi
	case \$opt in
END
# shellcheck disable=SC2016	# for the shell that completes
arm "$files" 'mapfile -t COMPREPLY < <(compgen -f -- "$cur")'
[ -z "$formats" ] || arm '-f|--format' \
    "mapfile -t COMPREPLY < <(compgen -W '$formats' -- \"\$cur\")"
arm "$values" ':'
cat <<END
	esac
	if [[ \$cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '${words% }' -- "\$cur")
		[[ \${COMPREPLY[0]-} != *= ]] || compopt -o nospace
END
[ -z "$first" ] || cat <<END
	elif ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W '$first' -- "\$cur")
END
cat <<END
	fi
}
complete -o default -F $name $tool
END
