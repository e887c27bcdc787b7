# bash completion for dossier-import, made by completions/gen.sh: do not edit.
_motcua_dossier_import()
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
	--check-map|-m|--map|--rejects|-d|--db)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return ;;
	-f|--format)
		mapfile -t COMPREPLY < <(compgen -W 'ndjson table csv' -- "$cur")
		return ;;
	--batch|-t|--delimiter|-e|--encoding|--input|--max-errors|--undo|--now|--actor)
		:
		return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--atomic --batch= --check-map= --delimiter= --encoding= --input= --map= --max-errors= --number --rejects= --runs --undo= --update --db= --now= --actor= --format= --spreadsheet --dry-run --help --version' -- "$cur")
		[[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
	fi
}
complete -o default -F _motcua_dossier_import dossier-import
