# bash completion for report, made by completions/gen.sh: do not edit.
_motcua_report()
{
	local cur=${COMP_WORDS[COMP_CWORD]} opt=${COMP_WORDS[COMP_CWORD-1]}

	COMPREPLY=()
	# bash splits --name=value at the equals sign.
	if [[ $cur == '=' ]]; then
		cur=
	elif [[ $opt == '=' ]]; then
		opt=${COMP_WORDS[COMP_CWORD-2]}
	fi
	case $opt in
	-o|--output|-d|--db)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	-f|--format)
		mapfile -t COMPREPLY < <(compgen -W 'table csv ndjson html' -- "$cur")
		return ;;
	--basis|--by|-p|--period|-u|--unit|--now)
		:
		return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--basis= --by= --calendar --list --output= --period= --unit= --db= --now= --format= --spreadsheet --help --version' -- "$cur")
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
	elif ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W '06a' -- "$cur")
	fi
}
complete -o default -F _motcua_report report
