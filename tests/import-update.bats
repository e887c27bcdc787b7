#!/usr/bin/env bats
# dossier-import(1): --update, row after row of the same dossier.

# shellcheck disable=SC2154	# run sets output, stderr and their _lines

load lib
load import
load import-rows

setup() {
	import_rules "$BATS_TEST_TMPDIR/rules"
	fresh_db "$BATS_TEST_TMPDIR/rules"
	cd "$BATS_TEST_TMPDIR" || return 1
}

P='2024-04-16 09:00'

# up STATUS CODE ...: --update with that row must end so.
up() {
	local want=$1

	shift
	{ echo $HEAD; row "$@"; } >u.csv
	run "-$want" --separate-stderr imp --update u.csv
}

# shows CODE: its state.
shows() {
	dossier-find "$1" | jq -c '[.status, .step, .holder, .officer]'
}

# kinds CODE: its events and the step of each.
kinds() {
	audit-export "$1" | jq -r '.kind + (if .step then ":" + .step
	    else "" end)' | tr '\n' ' '
}

@test "a step that is told no more has not been left" {
	up 0 A-1 processing step receive officer an holder H42.30
	up 0 A-1 processing officer binh holder H42.30.1
	[[ $output == *'"result":"updated","line":2,"events":2,'* ]]
	[ "$(shows A-1)" = '["processing","receive","H42.30.1","binh"]' ]
	[ "$(kinds A-1)" = \
	    'received:receive transferred:receive assigned:receive ' ]
	# Nor where the row tells of something else, too.
	up 0 A-1 supplement officer cuong
	[ "$(shows A-1)" = '["supplement","receive","H42.30.1","cuong"]' ]
	up 0 A-1 received officer dung
	[ "$(shows A-1)" = '["processing","receive","H42.30.1","dung"]' ]
	up 0 A-1 stopped holder H42.30
	[ "$(shows A-1)" = '["stopped","receive","H42.30","dung"]' ]
	# Routed further, it is not handed over by a row that does not know.
	up 0 A-2 processing step receive officer an
	route --now='2024-05-06 10:00' next A-2 >/dev/null
	up 0 A-2 processing officer binh
	[[ $output == *'"result":"updated","line":2,"events":0,'* ]]
	[ "$(shows A-2)" = '["processing","appraise","H42.30.1","an"]' ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "what goes on in a step is processed" {
	up 0 A-1 supplement
	up 0 A-1 received step receive
	[ "$(shows A-1)" = '["processing","receive","H42.30",null]' ]
	up 0 A-1 received step receive officer an
	up 0 A-1 received officer binh
	[ "$(shows A-1)" = '["processing","receive","H42.30","binh"]' ]
	run -0 --separate-stderr route --now='2024-05-06 10:00' next A-1
	[ "$(shows A-1)" = '["processing","appraise","H42.30.1",null]' ]
	# The same from the first.
	up 0 B-1 received step receive
	up 0 B-1 received step receive officer an
	[ "$(shows B-1)" = '["processing","receive","H42.30","an"]' ]
	# What a row has called processed does not move back.
	up 0 D-1 processing step receive
	up 1 D-1 received step receive
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:2: E_CONFLICT: status of "D-1" would move back, which an update never does' ]
	# Without a step it is received.
	up 0 E-1 supplement
	up 0 E-1 received
	[ "$(shows E-1)" = '["received",null,"H42.30",null]' ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "what was received is not said never to have been" {
	local s

	{ echo $HEAD; row S-1 supplement; row W-1 processing
	  row N-1 received; } >a.csv
	imp a.csv >/dev/null 2>&1
	audit-export --format=dvcqg >m.json 2>err
	run -0 --separate-stderr imp --update --input=dvcqg m.json
	for s in 3 5 7; do
		jq -c '.data |= map(.NgayTiepNhan = "" |
		    .NgayNopHoSo = "20240410093000" |
		    .NgayKetThucXuLy = (if "'$s'" == "5" then "" else
		    "20240426093000" end) | .NgayTamDung = "20240416090000" |
		    .TrangThaiHoSo = "'$s'")' m.json >n.json
		run -1 --separate-stderr imp --update --input=dvcqg n.json
		[ -z "$output" ]
		[ "$(grep -c 'E_CONFLICT: status of "[SWN]-1" would move back, which an update never does' \
		    <<<"$stderr")" -eq 3 ]
	done
	up 1 N-1 not-accepted
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:2: E_CONFLICT: status of "N-1" would move back, which an update never does' ]
	[ "$(dossier-find S-1 W-1 N-1 | jq -c '[.status, .received_at]' |
	    tr '\n' ' ')" = '["supplement","2024-04-15T08:15:00+07:00"] ["processing","2024-04-15T08:15:00+07:00"] ["received","2024-04-15T08:15:00+07:00"] ' ]
	# What was not is.
	up 0 R-1 registered
	up 0 R-1 not-accepted
	[ "$(dossier-find R-1 | jq -r .status)" = not-accepted ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "what has no meaning is kept, and known again" {
	# An emptied cell,
	up 0 A-1 processing paused_at "$P" subject Nhà officer an
	[ "$(audit-export A-1 | jq -c '.body | fromjson | .data.said')" = \
	    '{"paused_at":"2024-04-16T02:00:00Z"}' ]
	up 0 A-1 processing paused_at "$P" officer binh
	up 0 A-1 processing paused_at "$P" officer cuong
	[ "$(shows A-1)" = '["processing",null,"H42.30","cuong"]' ]
	# a due date that is given no more,
	up 0 B-1 processing paused_at "$P" due_at '2024-04-29 17:00'
	up 0 B-1 processing paused_at "$P"
	up 0 B-1 processing paused_at "$P" channel online
	# one that was received with a step,
	up 0 C-1 received step receive paused_at "$P"
	up 0 C-1 received step receive paused_at "$P" channel online
	[ "$(dossier-find C-1 | jq -r .channel)" = online ]
	# one that was routed before the row said so,
	up 0 D-1 processing step receive paused_at "$P"
	route --now='2024-05-06 10:00' next D-1 >/dev/null
	up 0 D-1 processing step appraise paused_at "$P"
	up 0 D-1 processing step appraise paused_at "$P" officer binh
	[ "$(shows D-1)" = '["processing","appraise","H42.30.1","binh"]' ]
	# one that is only registered,
	up 0 E-1 registered step receive officer an
	up 0 E-1 registered step receive
	up 0 E-1 registered step receive channel online
	# one that is finished.
	up 0 F-1 finished returned_at '2024-04-18 09:00' subject Nhà
	up 0 F-1 finished returned_at '2024-04-18 09:00'
	up 0 F-1 finished returned_at '2024-04-18 09:00' officer an
	[ "$(audit-export F-1 | jq -c '.body | fromjson | .data.said |
	    select(.)')" = '{"returned_at":"2024-04-18T02:00:00Z"}' ]
	# Another one is refused, as before.
	up 1 A-1 processing paused_at '2024-04-16 10:00'
	[[ $stderr == *'E_CONFLICT: paused_at of "A-1" cannot be updated in status "processing"'* ]]
	up 1 E-1 registered step appraise
	[[ $stderr == *'E_CONFLICT: step of "E-1" cannot be updated in status "registered"'* ]]
	# Finished, it has had that pause.
	up 0 A-1 finished paused_at "$P"
	[ "$(kinds A-1)" = 'received assigned assigned paused finished ' ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "a step is opened once, and not by a row that says never received" {
	up 0 A-1 registered step receive
	up 0 A-1 processing step appraise
	[ "$(kinds A-1)" = 'registered received:appraise ' ]
	# A registered one whose step may have been told before.
	up 0 B-1 registered officer an
	up 0 B-1 registered
	up 0 B-1 registered step receive channel online
	[[ $stderr == *W_COLUMN* ]]
	[ "$(kinds B-1)" = 'registered corrected ' ]
	# Paused, it stays so in another step.
	up 0 C-1 supplement
	up 0 C-1 supplement step receive
	up 1 C-1 supplement step receive paused_at '2024-04-16 10:00'
	[[ $stderr == *'E_CONFLICT: paused_at of "C-1" differs: when it was resumed in between is not known'* ]]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "what cannot be known of the row before is counted, once" {
	up 0 A-1 processing officer an subject Nhà
	up 0 A-1 processing officer binh
	# Had that row a pause?  Its hash does not tell.
	up 0 A-1 processing officer cuong paused_at "$P"
	[[ $stderr == *', 1 warning (W_COLUMN 1); 2 events, run 3' ]]
	[ "$(jq -c '[.changed[].name]' <<<"$output")" = '["officer"]' ]
	[ "$(shows A-1)" = '["processing",null,"H42.30","cuong"]' ]
	up 0 A-1 processing officer dung paused_at "$P"
	[[ $stderr != *W_COLUMN* ]]
	up 1 A-1 processing officer dung paused_at '2024-04-16 10:00'
	[[ $stderr == *'E_CONFLICT: paused_at of "A-1" cannot be updated in status "processing"'* ]]
	run -0 --separate-stderr dossier-db check
	silent
}

# Each status with each column that it may have, then less one cell, then with
# another officer: what no event tells does not stand in the way.
each_chain() {
	local s c n o

	for s in $STATUSES; do
		for c in "${!OTHER[@]}"; do
			n=A-$s-$c
			o=${OTHER[$c]/#al/al-$n}
			row "$n" "$s" "$c" "$o" email x@y.vn >&3
			row "$n" "$s" "$c" "$o" >&4
			row "$n" "$s" "$c" "$o" subject Kim >&5
		done
	done 3>rows 4>others 5>thirds
}

@test "every status, every column: an emptied cell, then another one" {
	set +T
	each_chain
	set -T
	{ echo $HEAD; cat rows; } >a.csv
	{ echo $HEAD; cat others; } >u.csv
	{ echo $HEAD; cat thirds; } >v.csv
	imp a.csv >out 2>err || :
	jq -r .code out >taken
	[ "$(wc -l <taken)" -gt 130 ]
	# Where the first row was taken, so are the others.
	imp --update u.csv >out 2>err || :
	jq -r 'select(.result != "added") | .code' out | diff taken -
	[ -z "$(jq -c 'select(.changed)' out)" ]
	imp --update v.csv >out 2>err || :
	jq -r 'select(.result != "added") | .code' out | diff taken -
	[ "$(jq -c '[.events, .changed[].name]' out | sort -u)" = '[1,"subject"]' ]
	run -0 --separate-stderr dossier-db check
	silent
}

# chains SEED: three files of rows of the same dossiers, chosen at random; and
# one in which all are finished.
chains() {
	perl -e '
	    my ($head, $seed) = @ARGV;
	    srand($seed);
	    sub one { $_[rand @_] }
	    my ($p, $q) = ("2024-04-16 09:00", "2024-04-16 10:00");
	    my %end = map { $_ => 1 } qw(withdrawn finished not-accepted);
	    my @f = map { open my $f, ">", "r$_.csv" or die; print $f "$head\n";
	        $f } 1 .. 3;
	    for my $n (1 .. 150) {
	        my $stays = one("registered", "received", "processing",
	            "supplement", "");
	        for my $f (@f) {
	            my $s = $stays && rand() < 0.6 ? $stays : one(qw(received
	                received processing processing supplement payment
	                stopped withdrawn finished returned not-accepted));
	            my $open = !$end{$s} && $s ne "returned";
	            my %v = (code => "A-$n", status => $s,
	                procedure => "1.009994", unit => "H42.30",
	                received_at => "2024-04-15 08:15",
	                paused_at => one($p, $p, $q, "", ""),
	                step => one("", "", "receive", "receive", "appraise"),
	                holder => one("", "H42.30", "H42.30.1"),
	                officer => one("", "an", "binh"),
	                channel => one("direct", "direct", "online"),
	                subject => one("", "An", "Kim"),
	                due_at => one("", "", "2024-04-29 17:00",
	                    "2024-04-30 17:00"));
	            $v{paused_at} ||= $p if $s =~ /^(supp|pay|stop)/;
	            $v{finished_at} = "2024-04-17 09:00" if !$open;
	            $v{returned_at} = "2024-04-18 09:00" if $s eq "returned";
	            print $f join(",", map { $v{$_} // "" } split /,/, $head),
	                "\n";
	        }
	    }
	    open my $f, ">", "r4.csv" or die;
	    print $f "$head\n";
	    for my $n (1 .. 150) {
	        my %v = (code => "A-$n", status => "finished",
	            procedure => "1.009994", unit => "H42.30",
	            received_at => "2024-04-15 08:15", channel => "direct",
	            finished_at => sprintf("2024-04-%02d 09:00", one(13 .. 30)));
	        print $f join(",", map { $v{$_} // "" } split /,/, $head), "\n";
	    }' "$HEAD" "$1"
}

# refusals: of a pause that the last row to name one has said as well.
refusals() {
	perl -ne '
	    chomp; my @v = split /,/, $_, -1;
	    if ($ARGV eq "bad") {
	        print "$v[0] $v[3]\n" if /paused_at of .* cannot be updated/ &&
	            $v[3] eq ($said{$v[0]} // "");
	    } else {
	        $said{$v[0]} = $v[3] if $v[3] ne "";
	    }' "$@" bad
}

# applied FILE: with --update; what a record calls changed is so now, the same
# rows change nothing, and those that are refused are so again.
applied() {
	imp --update --rejects=bad "$1" >out 2>err || :
	jq -r 'select(.result == "updated") | .code' out >codes
	xargs -r dossier-find <codes >found
	run -0 jq -c --slurpfile found found '($found | INDEX(.code)) as $is |
	    select(.result == "updated") | . as $r | .changed[]? |
	    select(has("new") and .new) | $is[$r.code] as $now |
	    # What a status does not have; and a pause that is over.
	    select(.name != "paused_at" or ($now.paused_at and
	        $now.status != "processing" and $now.status != "received")) |
	    select($now.received_at or (.name | IN("received_at", "due_at",
	        "step") | not)) |
	    # Received in a step, it is being processed.
	    select(.new != "received" or $now.status != "processing" or
	        ($now.step | not)) |
	    select($now[.name] != .new) | [$r.code, ., $now[.name]]' out
	[ -z "$output" ]
	cp bad again
	imp --update --rejects=bad "$1" >second 2>err || :
	cmp bad again
	[ "$(jq -r .result second | sort -u)" = unchanged ]
	run -0 --separate-stderr dossier-db check
	silent
}

@test "rows at random, three of each dossier" {
	local seed i columns

	columns=$(tr ',' '\n' <<<"$HEAD" | wc -l)

	for seed in 1 2 7; do
		fresh_db "$BATS_TEST_TMPDIR/rules"
		chains "$seed"
		: >accepted
		for i in 1 2 3; do
			applied "r$i.csv"
			run -0 refusals accepted
			[ -z "$output" ]
			grep -Fvxf <(cut -d, -f"1-$columns" bad) "r$i.csv" \
			    >>accepted
		done
		# Whenever that was, what is closed is overdue no more.
		imp --update r4.csv >out 2>err || :
		[ "$(jq -r 'select(.result == "updated") | .code' out |
		    wc -l)" -gt 100 ]
		run -0 --separate-stderr dossier-db check
		silent
		balanced
	done
}

@test "what was refused or withdrawn in the shop is not received by a row" {
	local action want

	for action in withdraw refuse; do
		up 0 "A-$action" registered
		route --now='2024-05-06 10:00' --reason=x "$action" "A-$action" \
		    >/dev/null
		want=$(shows "A-$action")
		up 0 "A-$action" received
		[[ $output == *'"result":"updated","line":2,"events":0,'* ]]
		[ "$(shows "A-$action")" = "$want" ]
		up 0 "A-$action" finished
		[ "$(shows "A-$action")" = "$want" ]
	done
	run -0 --separate-stderr dossier-db check
	silent
}

@test "what was reopened in the shop is not closed again by its old finish" {
	up 0 A-1 finished
	route --now='2024-05-06 09:00' --reason=x reopen A-1 >/dev/null
	# What it says beside that is taken.
	up 0 A-1 finished officer an
	[ "$(jq -r .status < <(dossier-find A-1))" = processing ]
	up 1 A-1 returned officer an
	[[ $stderr == *'E_CONFLICT: status of "A-1" differs, and the dossier was reopened since'* ]]
	up 1 A-1 finished officer an finished_at '2024-04-17 10:30'
	[ "$(kinds A-1)" = 'received finished reopened:appraise corrected ' ]
	run -0 --separate-stderr report 06a --period=2024-04-01..2024-05-06 \
	    --now='2024-05-06 10:00' --format=ndjson
	[ "$(jq -c '[.received_total, .finished_total, .open_total]' \
	    <<<"${lines[0]}")" = '[1,0,1]' ]
	run -0 --separate-stderr dossier-db check
	silent
}

# up_on DAY CODE ...: as up 0, on another day.
up_on() {
	local day=$1

	shift
	{ echo $HEAD; row "$@"; } >u.csv
	run -0 --separate-stderr dossier-import --update --now="2024-$day 10:00" \
	    u.csv
}

@test "finished before it was paused or resumed: overdue no day since" {
	local p='2024-04-26 09:00'

	# Due on the 23rd.
	up_on 04-26 A-1 stopped paused_at "$p"
	up_on 04-30 A-1 processing paused_at "$p"
	[ "$(counted 04-25) $(counted 04-26) $(counted 04-30)" = \
	    '[0,1,1] [0,1,0] [0,1,1]' ]
	# Finished in time, as it turns out;
	up_on 05-06 A-1 finished finished_at '2024-04-22 09:00'
	[[ $stderr == *', 1 warning (W_ORDER 1); 1 event, run 3' ]]
	[ "$(dossier-find A-1 | jq -c '[.status, .finished_at, .verdict]')" = \
	    '["finished","2024-04-22T09:00:00+07:00","early"]' ]
	[ "$(counted 04-21) $(counted 04-22) $(counted 04-25) $(counted 05-02)" = \
	    '[0,1,0] [1,0,0] [1,0,0] [1,0,0]' ]
	# or when it was overdue already, or while it was paused;
	up_on 04-26 A-2 stopped paused_at "$p"
	up_on 04-30 A-2 processing paused_at "$p"
	up_on 05-06 A-2 finished finished_at '2024-04-25 09:00'
	[ "$(dossier-find A-2 | jq -r .verdict)" = late ]
	[ "$(counted 04-24) $(counted 04-25) $(counted 05-02)" = \
	    '[1,1,1] [2,0,0] [2,0,0]' ]
	up_on 04-26 A-3 stopped paused_at "$p"
	up_on 04-30 A-3 processing paused_at "$p"
	up_on 05-06 A-3 finished finished_at '2024-04-29 09:00'
	[ "$(counted 04-25) $(counted 04-28) $(counted 04-29) $(counted 05-02)" = \
	    '[2,1,1] [2,1,0] [3,0,0] [3,0,0]' ]
	# or withdrawn.
	up_on 04-26 A-4 stopped paused_at "$p"
	up_on 04-30 A-4 processing paused_at "$p"
	up_on 05-06 A-4 withdrawn finished_at '2024-04-22 09:00'
	[ "$(counted 04-25) $(counted 05-02)" = '[3,1,1] [4,0,0]' ]
	sound
}

@test "finished before another due date was promised, in one row" {
	up_on 04-16 A-1 processing
	up_on 05-06 A-1 finished finished_at '2024-04-22 09:00' \
	    due_at '2024-04-29 17:00'
	[ "$(counted 04-25) $(counted 05-02)" = '[1,0,0] [1,0,0]' ]
	# Paused before it, and going on.
	up_on 04-16 A-2 processing
	up_on 05-02 A-2 processing due_at '2024-04-22 17:00'
	up_on 05-06 A-2 supplement paused_at '2024-04-24 09:00' \
	    due_at '2024-04-22 17:00'
	[ "$(counted 04-23) $(counted 04-24) $(counted 05-03)" = \
	    '[1,1,0] [1,1,0] [1,1,0]' ]
	up_on 05-06 A-2 processing paused_at '2024-04-24 09:00' \
	    due_at '2024-04-22 17:00'
	[ "$(counted 05-06)" = '[1,1,1]' ]
	sound
}

@test "finished before it was received: it counts from then on" {
	# As a new row has it,
	up_on 05-06 A-1 finished finished_at '2024-04-11 09:00'
	[[ $stderr == *', 1 warning (W_ORDER 1); 2 events, run 1' ]]
	[ "$(counted 04-12) $(counted 04-14) $(counted 04-15)" = \
	    '[0,0,0] [0,0,0] [1,0,0]' ]
	# where the shop has received it meanwhile,
	up_on 04-16 A-2 registered
	route --now='2024-04-25 10:00' receive A-2 >/dev/null
	up_on 05-06 A-2 finished finished_at '2024-04-22 09:00'
	[ "$(counted 04-24) $(counted 04-25)" = '[1,0,0] [2,0,0]' ]
	up_on 04-16 A-3 registered
	route --now='2024-04-25 10:00' receive A-3 >/dev/null
	up_on 05-06 A-3 not-accepted finished_at '2024-04-22 09:00'
	[ "$(counted 04-24) $(counted 04-25)" = '[1,0,0] [2,0,0]' ]
	# and where the receipt was another day's at first.
	up_on 04-29 A-4 processing received_at '2024-04-26 09:00'
	up_on 05-06 A-4 finished received_at '2024-04-24 09:00' \
	    finished_at '2024-04-25 09:00'
	[ "$(counted 04-25) $(counted 04-26)" = '[2,0,0] [3,0,0]' ]
	sound
}

@test "paused after its finish: it was not overdue in between" {
	up_on 05-06 A-1 finished paused_at '2024-04-29 09:00'
	[[ $stderr == *', 1 warning (W_ORDER 1); 3 events, run 1' ]]
	[ "$(counted 04-25)" = '[1,0,0]' ]
	sound
}

@test "a row that tells what came before a reopening in the shop" {
	up_on 04-16 A-1 received
	route --now='2024-04-19 10:00' finish A-1 >/dev/null
	route --now='2024-04-26 10:00' --reason=x reopen A-1 >/dev/null
	up 1 A-1 finished finished_at '2024-04-22 09:00'
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:5: E_CONFLICT: finished_at of "A-1" lies before the dossier was reopened' ]
	up 1 A-1 supplement
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:4: E_CONFLICT: paused_at of "A-1" lies before the dossier was reopened' ]
	up 1 A-1 finished finished_at '2024-04-29 09:00' paused_at "$P"
	[ "${stderr_lines[0]}" = 'dossier-import: u.csv:2:4: E_CONFLICT: paused_at of "A-1" lies before the dossier was reopened' ]
	[ "$(shows A-1)" = '["processing","appraise","H42.30.1",null]' ]
	# What came after it is news.
	up 0 A-1 finished finished_at '2024-04-29 09:00'
	[ "$(counted 04-25) $(counted 04-28) $(counted 04-29)" = \
	    '[1,0,0] [0,1,1] [1,0,0]' ]
	sound
}
