# bash completion for route, made by completions/gen.sh: do not edit.
_motcua_route()
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
	--decisions|--undo|-d|--db)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	-f|--format)
		mapfile -t COMPREPLY < <(compgen -W 'ndjson table csv' -- "$cur")
		return ;;
	--at|--basis|--by|--case|--deadline|--map|--officer|--reason|--rules|--set|--step|--to|--until|--now|--actor)
		:
		return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--at= --basis= --by= --case= --deadline= --decisions= --due --map= --officer= --recompute --reason= --rules= --set= --step= --succession --to= --undo= --until= --db= --now= --actor= --format= --spreadsheet --dry-run --personal --help --version' -- "$cur")
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
	elif ((COMP_CWORD == 1)); then
		mapfile -t COMPREPLY < <(compgen -W 'receive start next assign transfer supplement pay stop resume extend apologise refuse withdraw finish return reopen correct plan apply' -- "$cur")
	fi
}
complete -o default -F _motcua_route route
