# bash completion for dossier-find, made by completions/gen.sh: do not edit.
_motcua_dossier_find()
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
		mapfile -t COMPREPLY < <(compgen -W 'ndjson table csv' -- "$cur")
		return ;;
	--channel|--due|--holder|-L|--limit|--officer|--parent|-p|--procedure|--received|-s|--status|-S|--step|-u|--unit|--now)
		:
		return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--channel= --due= --history --holder= --limit= --late --officer= --open --parent= --procedure= --received= --status= --step= --unit= --voided --db= --now= --format= --spreadsheet --personal --help --version' -- "$cur")
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
	fi
}
complete -o default -F _motcua_dossier_find dossier-find
