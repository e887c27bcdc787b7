#!/usr/bin/perl
# vni.pl - UTF-8 on standard input as VNI on standard output, for tests: the
# encoding by its rule (a letter, then one byte for its marks), where the
# library has it by a table of bytes.
use strict;
use warnings;
use Unicode::Normalize;

binmode STDIN, ':encoding(UTF-8)';
binmode STDOUT, ':raw';
my %whole = ("\x{111}" => 0xF1, "\x{1A1}" => 0xF4, "\x{1B0}" => 0xF6,
    "\x{ED}" => 0xED, "\x{EC}" => 0xEC, "\x{1EC9}" => 0xE6,
    "\x{129}" => 0xF3, "\x{1ECB}" => 0xF2, "\x{1EF5}" => 0xEE);
# Acute, grave, hook, tilde, dot: alone, on a circumflex, on a breve.
my %tone = ("\x{301}" => 0, "\x{300}" => 1, "\x{309}" => 2, "\x{303}" => 3,
    "\x{323}" => 4);
my @plain = (0xF9, 0xF8, 0xFB, 0xF5, 0xEF, 0);
my @circumflex = (0xE1, 0xE0, 0xE5, 0xE3, 0xE4, 0xE2);
my @breve = (0xE9, 0xE8, 0xFA, 0xFC, 0xEB, 0xEA);

sub letter {
	my ($c) = @_;
	my $up = $c ne lc $c ? 0x20 : 0;
	my $small = lc $c;
	return chr($whole{$small} - $up) if exists $whole{$small};
	my ($base, @marks) = split //, NFD($small);
	my ($set, $t) = (\@plain, 5);
	for (@marks) {
		if ($_ eq "\x{302}") { $set = \@circumflex }
		elsif ($_ eq "\x{306}") { $set = \@breve }
		elsif ($_ eq "\x{31B}") { $base = $base eq 'o' ? "\x{1A1}" : "\x{1B0}" }
		else { $t = $tone{$_} }
	}
	my $first = exists $whole{$base} ? chr($whole{$base} - $up)
	    : $up ? uc $base : $base;
	return $first . chr($set->[$t] - $up);
}

while (<STDIN>) {
	s/([^\x00-\x7F])/letter($1)/ge;
	print;
}
