# bash completion for audit-export, made by completions/gen.sh: do not edit.
_motcua_audit_export()
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
	-d|--db)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	-f|--format)
		mapfile -t COMPREPLY < <(compgen -W 'ndjson csv xes ocel dvcqg' -- "$cur")
		return ;;
	--since|--until)
		:
		return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--since= --until= --verify --db= --format= --spreadsheet --personal --help --version' -- "$cur")
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
	fi
}
complete -o default -F _motcua_audit_export audit-export
