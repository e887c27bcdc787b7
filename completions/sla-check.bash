# bash completion for sla-check, made by completions/gen.sh: do not edit.
_motcua_sla_check()
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
		mapfile -t COMPREPLY < <(compgen -W 'ndjson table csv nagios prometheus' -- "$cur")
		return ;;
	--by|--changes|--critical|--explain|--stale|-s|--state|-u|--unit|-w|--warn|--warning|--now)
		:
		return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--by= --changes= --critical= --exit-code --explain= --no-apology --output= --stale= --state= --steps --unit= --warn= --warning= --db= --now= --format= --spreadsheet --dry-run --help --version' -- "$cur")
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
	fi
}
complete -o default -F _motcua_sla_check sla-check
