#!/usr/bin/perl
# verify.pl - reads an export on standard input, and knows nothing of Motcua
# but the formats: leaf = SHA-256(0x00 body), the tree of RFC 6962 2.1, and
# personal = SHA-256(salt object).  Prints the number of events and the root.
use strict;
use warnings;
use Digest::SHA qw(sha256);
use JSON::PP;
use MIME::Base64;

sub root {
	my ($from, $to, $leaf) = @_;
	my ($n, $k) = ($to - $from, 1);

	return sha256('') if $n == 0;
	return $leaf->[$from] if $n == 1;
	$k *= 2 while $k * 2 < $n;
	return sha256("\x01" . root($from, $from + $k, $leaf) .
	    root($from + $k, $to, $leaf));
}

my ($json, @leaf, $last) = (JSON::PP->new->utf8->canonical);
while (my $line = <STDIN>) {
	my $r = $json->decode($line);
	my $body = $r->{body};

	utf8::encode($body);
	push @leaf, sha256("\x00$body");
	my $e = $json->decode($body);
	my $at = $e->{recorded_at};
	die "$.: leaf\n" if encode_base64($leaf[-1], '') ne $r->{leaf};
	die "$.: seq\n" if $e->{seq} != $#leaf || $r->{seq} != $#leaf;
	die "$.: body not canonical\n" if $json->encode($e) ne $body;
	die "$.: schema\n" if $e->{schema} ne 'motcua.leaf/1';
	# Milliseconds are left out where they are zero: "." sorts before "Z".
	$at =~ s/:(\d\d)Z$/:$1.000Z/;
	die "$.: recorded before\n" if defined $last && $at lt $last;
	$last = $at;
	if (defined $r->{personal}) {
		my $h = sha256(decode_base64($r->{salt}) .
		    $json->encode($r->{personal}));
		die "$.: personal\n" if encode_base64($h, '') ne
		    $e->{personal};
	}
}
print scalar(@leaf), ' ', encode_base64(root(0, scalar @leaf, \@leaf), ''),
    "\n";
