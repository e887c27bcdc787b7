#!/usr/bin/env perl
# xes.pl <TABLE.csv >LOG.xes - a table of events, as tests/receipt has one,
# as an event log in XES: "case:" columns become attributes of the trace.
use strict;
use warnings;

sub cells {
	my ($line) = @_;
	my @cell;
	while ($line =~ /\G(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/g) {
		my $text = defined $1 ? $1 : $2;
		$text =~ s/""/"/g;
		push @cell, $text;
		last if $3 eq '';
	}
	return @cell;
}

sub attribute {
	my ($indent, $key, $value) = @_;
	return if $value eq '';
	my $type = 'string';
	if ($value =~ /^\d{4}-\d\d-\d\d \d\d:\d\d/) {
		$type = 'date';
		$value =~ s/ /T/;
	}
	$value =~ s/&/&amp;/g;
	$value =~ s/</&lt;/g;
	$value =~ s/"/&quot;/g;
	print qq($indent<$type key="$key" value="$value"/>\n);
}

chomp(my $head = <STDIN>);
$head =~ s/\r$//;
my @name = cells($head);
my (%rows, @order);
while (my $line = <STDIN>) {
	$line =~ s/\r?\n$//;
	my %row;
	@row{@name} = cells($line);
	my $code = $row{'case:concept:name'};
	push @order, $code unless exists $rows{$code};
	push @{$rows{$code}}, \%row;
}
print qq(<?xml version="1.0" encoding="UTF-8"?>\n),
    qq(<log xes.version="1.0" xmlns="http://www.xes-standard.org/">\n);
for my $code (@order) {
	print "<trace>\n";
	attribute("\t", substr($_, 5), $rows{$code}[0]{$_})
	    for grep { /^case:/ } @name;
	for my $row (@{$rows{$code}}) {
		print "\t<event>\n";
		attribute("\t\t", $_, $row->{$_}) for grep { !/^case:/ } @name;
		print "\t</event>\n";
	}
	print "</trace>\n";
}
print "</log>\n";
