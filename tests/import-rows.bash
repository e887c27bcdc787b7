# import-rows.bash - rows of dossiers in any status, for tests of --update.

# shellcheck shell=bash disable=SC2034	# STATUSES, OTHER: for tests

# imp ARGUMENT...: on the morning of 6 May 2024.
imp() {
	dossier-import --now='2024-05-06 10:00' "$@"
}

HEAD=code,status,received_at,paused_at,finished_at,returned_at,procedure,unit,channel,step,holder,officer,due_at,alias,applicant_kind,applicant_name,email,subject,field.floor_area,field.income

# row CODE STATUS [COLUMN VALUE]...: what such a row has, with these values.
row() {
	local -A v=([code]=$1 [status]=$2 [procedure]=1.009994 [unit]=H42.30
	    [received_at]='2024-04-15 08:15' [channel]=direct)
	local name line=

	case $2 in
	supplement | payment | stopped) v[paused_at]='2024-04-16 09:00' ;;
	withdrawn | finished | not-accepted)
		v[finished_at]='2024-04-17 09:00' ;;
	returned)
		v[finished_at]='2024-04-17 09:00'
		v[returned_at]='2024-04-18 09:00' ;;
	esac
	shift 2
	while [ $# -gt 0 ]; do
		v[$1]=$2
		shift 2
	done
	for name in ${HEAD//,/ }; do
		line+=${line:+,}${v[$name]-}
	done
	echo "$line"
}

# What another row says in a column; it stands for all values.
declare -gA OTHER=([received_at]='2024-04-15 09:30' [paused_at]='2024-04-16 10:30'
    [finished_at]='2024-04-17 10:30' [returned_at]='2024-04-18 10:30'
    [channel]=online [step]=appraise [holder]=H42.30.1 [officer]=binh
    [due_at]='2024-04-29 17:00' [alias]=al [applicant_kind]=person
    [applicant_name]=Kín [subject]=Kín [field.floor_area]=121 [field.income]=7)
STATUSES='registered received not-accepted processing supplement payment
    withdrawn stopped finished returned'

# balanced: the counts of all days from 1 April on add up.
balanced() {
	local day

	for day in 2024-04-{01..30} 2024-05-0{1..6}; do
		report 06a --now='2024-05-06 12:00' --period="2024-04-01..$day" \
		    --format=ndjson >balance 2>unbalanced || :
		if grep E_BALANCE unbalanced; then
			echo "on $day"
			return 1
		fi
	done
}

# sound: they do, and the database is what its log says.
sound() {
	balanced
	run -0 --separate-stderr dossier-db check
	silent
}

# counted DAY: in 06a from 1 April to that day, what was finished, what is
# open, and what of it is overdue.
counted() {
	report 06a --now='2024-05-06 12:00' --period="2024-04-01..2024-$1" \
	    --format=ndjson | tail -1 |
	    jq -c '[.finished_total, .open_total, .open_overdue]'
}
