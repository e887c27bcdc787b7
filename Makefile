# GNU make 4, one makefile, no recursion.  `make help` lists the targets.
#
# Set-up: whatever compiles includes $B/config.mk, which stands on the stamp
# of tests/setup.sh; so packages are there before anything asks for their
# flags, with -j too.  A stamp costs nothing the second time.
VERSION        ?= 0.1
PREFIX         ?= /usr/local
BINDIR         ?= $(PREFIX)/bin
MANDIR         ?= $(PREFIX)/share/man
BASHCOMPDIR    ?= $(PREFIX)/share/bash-completion/completions
DESTDIR        ?=
PROGRAM_PREFIX ?=
SAN            ?=
CFLAGS         ?= -O2 -g
V              ?=
PKG_CONFIG     ?= pkg-config
PROVEFLAGS     ?= -f -o -j$(shell nproc 2>/dev/null || echo 2)
PKGS           := sqlite3 jansson libgit2 libcrypto libutf8proc libzstd \
                  expat

TOOLS := $(patsubst cmd/%.c,%,$(wildcard $(addprefix cmd/,dossier-db.c \
         dossier-import.c dossier-find.c procedure.c route.c sla-check.c \
         report.c audit-export.c)))
LIB   := $(wildcard lib/*/*.c)
UNIT  := $(wildcard tests/unit/*.c)
GEN   := $(wildcard tests/gen/*.c)
FUZZ  := $(wildcard tests/fuzz/*.c)
BATS  := $(wildcard tests/*.bats)
MAN   := $(wildcard man/*.[157])

# Objects of different flavours never share a directory.
B ?= build/opt$(if $(filter-out cc,$(CC)),-$(notdir $(firstword $(CC))))$(if \
     $(SAN),-san)

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
        -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wcast-qual \
        -Wformat=2 -Wvla -Wundef -Wimplicit-fallthrough
HARD := -fstack-protector-strong -fPIE \
        $(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
# Optimised across files, programs are a few per cent faster; LTO= for quick
# links.  The objects serve the unit tests, too, which are linked without.
ifeq ($(origin LTO),undefined)
LTO := $(if $(SAN),,$(shell $(CC) -Werror -flto=auto -ffat-lto-objects \
       -fsyntax-only -x c /dev/null 2>/dev/null && \
       echo -flto=auto -ffat-lto-objects))
endif
SANF := $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer \
        -fno-sanitize-recover=all)

# Ours in variables users do not set; theirs (CFLAGS, LDFLAGS) come last.
MC_CPPFLAGS = -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -Iinclude -Ilib \
              -I$B $(PKG_CFLAGS)
MC_CFLAGS    = -std=c11 $(WARN) $(HARD) $(SANF)
MC_LDFLAGS   = -pie -Wl,--as-needed -Wl,-z,relro -Wl,-z,now -pthread

TOOLBIN := $(TOOLS:%=$B/%)
UNITBIN := $(UNIT:%.c=$B/%)
GENBIN  := $(GEN:tests/gen/%.c=$B/gen/%)
FUZZERS := $(filter-out fuzz,$(FUZZ:tests/fuzz/%.c=%))

all: $(TOOLBIN)

ifneq ($(filter-out clean help uninstall setup,$(or $(MAKECMDGOALS),all)),)
include $B/config.mk
endif

# All that the goals need, at once: one installation, one message.
SETS := build $(if $(filter check check-san check-large bench fuzz fuzzers,$(MAKECMDGOALS)),check)\
        $(if $(filter demo,$(MAKECMDGOALS)),demo)\
        $(if $(filter lint,$(MAKECMDGOALS)),check lint)
space := $(subst ,, )
SETUP := build/.setup-$(subst $(space),+,$(strip $(sort $(SETS))))
build/.setup-%: tests/setup.sh
	@sh tests/setup.sh $(subst +, ,$*)
	@mkdir -p $(@D) && touch $@

setup:
	sh tests/setup.sh build demo check

$B/config.mk: Makefile | $(SETUP)
	@mkdir -p $(@D)
	@c=$$($(PKG_CONFIG) --cflags $(PKGS)) && \
	l=$$($(PKG_CONFIG) --libs $(PKGS)) && \
	printf 'PKG_CFLAGS := %s\nPKG_LIBS := %s\n' "$$c" "$$l" >$@.tmp && \
	mv -f $@.tmp $@

# Quiet unless V=1.
say = $(if $(V),,@printf '  %-5s %s\n' $(1) '$@' && )

# What no file's time shows (flags, lists of files, the version) is kept in
# files that change only when their text does.
keep = @mkdir -p $(@D); printf '%s\n' '$(subst ','\'',$(1))' >$@.tmp; \
       if cmp -s $@.tmp $@; then rm -f $@.tmp; else mv -f $@.tmp $@; fi

$B/flags: FORCE
	$(call keep,$(CC) $(CPPFLAGS) $(MC_CPPFLAGS) $(MC_CFLAGS) $(LTO) $(CFLAGS))
$B/version.inc: FORCE
	$(call keep,"$(VERSION)$(if $(wildcard .git),$(shell git -c \
	    safe.directory='*' describe --always --exclude='*' --dirty \
	    2>/dev/null | sed 's/^/+/'))")

$B/%.o: %.c Makefile $B/flags
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(MC_CPPFLAGS) $(CPPFLAGS) $(MC_CFLAGS) $(LTO) $(CFLAGS) -MMD -MP -c -o $@ $<

# Files that travel inside the programs: $B/NAME.inc from lib/NAME/.
EMBED := schema starter reports
files = $(sort $(shell find lib/$(1) -type f 2>/dev/null))
$(EMBED:%=$B/%.list): $B/%.list: FORCE
	$(call keep,$(call files,$*))
define embed
$B/$(1).inc: lib/embed.sh $B/$(1).list $(call files,$(1))
	$$(call say,EMBED)sh lib/embed.sh $(1) lib/$(1) $(call files,$(1)) >$$@.tmp
	@mv -f $$@.tmp $$@
endef
$(foreach e,$(EMBED),$(eval $(call embed,$e)))
# Which object includes which table is known only after its first compile.
$(LIB:%.c=$B/%.o): | $(EMBED:%=$B/%.inc) $B/version.inc

$B/libmotcua.a: $(LIB:%.c=$B/%.o)
	$(call say,AR)rm -f $@ && $(AR) rcs $@ $^

LINK = $(call say,LD)$(CC) $(MC_CFLAGS) $(if $(LTO),$(or $(WHOLE),-fno-lto)) \
       $(CFLAGS) $(MC_LDFLAGS) $(LDFLAGS) -o $@ \
       $(filter %.o,$^) $(filter %.a,$^) $(PKG_LIBS) $(LDLIBS)
$(TOOLBIN): WHOLE = $(LTO)
$(TOOLBIN): $B/%: $B/cmd/%.o $B/libmotcua.a
	$(LINK)
$(GENBIN): $B/gen/%: $B/tests/gen/%.o $B/libmotcua.a
	@mkdir -p $(@D)
	$(LINK) -lm
$(UNITBIN): $B/%: $B/%.o $B/libmotcua.a
	$(LINK) -lcsv
$B/tests/unit/fuzz_corpus: $(FUZZ:%.c=$B/%.o)
$(FUZZERS:%=$B/fuzz-%): $B/fuzz-%: $B/tests/fuzz/%.o $B/tests/fuzz/fuzz.o \
    $B/libmotcua.a
	$(LINK) -lcsv -fsanitize=fuzzer \
	    -Wl,--defsym=LLVMFuzzerTestOneInput=fuzz_$*

# Everything the tests run, in the directory they look in.
TESTENV = MOTCUA_B='$(abspath $B)' PATH="$(abspath $B):$(abspath $B/gen):$$PATH" \
          CC='$(CC)' $(if $(SAN),ASAN_OPTIONS=exitcode=99 \
          UBSAN_OPTIONS=print_stacktrace=1:exitcode=99 MOTCUA_SAN=1)
RUN := $(patsubst tests/unit/%.c,$B/tests/unit/%,$(or $(TESTS),$(UNIT) $(BATS)))
check: all $(filter $B/%,$(RUN)) $(GENBIN)
	@$(TESTENV) prove $(PROVEFLAGS) --exec 'sh tests/run.sh' $(RUN) </dev/null

check-san:
	+@$(MAKE) --no-print-directory SAN=address,undefined B='$B-san' check

# Imports of a million rows, whole and killed; some ten minutes.
check-large:
	+@ROWS='$(or $(ROWS),1000000)' ROUNDS='$(or $(ROUNDS),10)' \
	    $(MAKE) --no-print-directory TESTS=tests/kill.bats \
	    PROVEFLAGS='-f -o -v' check

# One after another, each for FUZZ_SECONDS; ONLY="csv json" for some of them.
FUZZ_SECONDS ?= 20
FUZZ_CC      ?= clang
ONLY         ?= $(FUZZERS)
fuzzers: $(ONLY:%=$B/fuzz-%)
fuzz:
	@CC='$(FUZZ_CC)' sh tests/fuzz/run.sh
	+@$(MAKE) --no-print-directory CC='$(FUZZ_CC)' B='$B/fuzz' \
	    SAN=address,undefined,fuzzer-no-link fuzzers
	@MOTCUA_B='$B/fuzz' sh tests/fuzz/run.sh $(FUZZ_SECONDS) $(ONLY)

demo: all $(GENBIN)
	@$(TESTENV) bash tests/demo.sh

bench: all $(GENBIN)
	@$(TESTENV) bash tests/bench/run.sh

C_FILES  := $(wildcard include/motcua/*.h lib/*/*.[ch] cmd/*.[ch] \
            tests/unit/*.[ch] tests/gen/*.[ch] tests/bench/*.[ch] \
            tests/fuzz/*.[ch])
SH_FILES := $(wildcard .ci/run lib/*.sh completions/*.sh tests/*.sh \
            tests/*.bash tests/*.bats tests/bench/*.sh tests/fuzz/*.sh)
lint: $(EMBED:%=$B/%.inc) $B/version.inc
	clang-format --dry-run -Werror $(C_FILES)
	@for f in $(filter %.c,$(C_FILES)); do \
	    clang $(MC_CPPFLAGS) $(MC_CFLAGS) -Werror \
	    -fsyntax-only $$f || exit 1; done
	cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr \
	    --enable=warning,portability --suppressions-list=tests/cppcheck.txt \
	    -j$(shell nproc 2>/dev/null || echo 2) -D_POSIX_C_SOURCE=200809L \
	    -Iinclude -Ilib -I$B $(LIB) $(wildcard cmd/*.c tests/gen/*.c)
	shellcheck -x -S warning -e SC2154 $(SH_FILES)
	@$(if $(MAN),mandoc -T lint -W warning $(MAN))

completions: all
	@for t in $(TOOLS); do PATH="$(abspath $B):$(abspath $B/gen):$$PATH" \
	    sh completions/gen.sh $$t >completions/$$t.bash.tmp && \
	    mv -f completions/$$t.bash.tmp completions/$$t.bash || exit 1; done

# With PROGRAM_PREFIX the programs, their pages and completions are renamed,
# and the pages speak of each other by the new names.
RENAME := $(if $(PROGRAM_PREFIX),$(foreach t,dossier-db dossier-import \
          dossier-find procedure route sla-check report audit-export,\
          -e 's/^\(\.N[md]\|\.Xr\) $t\>/\1 $(PROGRAM_PREFIX)$t/'))
install: all
	install -d '$(DESTDIR)$(BINDIR)' '$(DESTDIR)$(MANDIR)/man1' \
	    '$(DESTDIR)$(MANDIR)/man7' '$(DESTDIR)$(BASHCOMPDIR)'
	for t in $(TOOLS); do install -m 755 "$B/$$t" \
	    "$(DESTDIR)$(BINDIR)/$(PROGRAM_PREFIX)$$t" || exit 1; done
	for t in $(TOOLS); do sed $(RENAME) -e '' "man/$$t.1" \
	    >$B/installed && install -m 644 $B/installed \
	    "$(DESTDIR)$(MANDIR)/man1/$(PROGRAM_PREFIX)$$t.1" || exit 1; done
	for m in $(filter %.7,$(notdir $(MAN))); do sed $(RENAME) -e '' \
	    "man/$$m" \
	    >$B/installed && install -m 644 $B/installed \
	    "$(DESTDIR)$(MANDIR)/man7/$$m" || exit 1; done
	for t in $(TOOLS); do \
	    sed "s/^\(complete .* \)$$t\$$/\1$(PROGRAM_PREFIX)$$t/" \
	    "completions/$$t.bash" \
	    >$B/installed && install -m 644 $B/installed \
	    "$(DESTDIR)$(BASHCOMPDIR)/$(PROGRAM_PREFIX)$$t" || exit 1; done

uninstall:
	rm -f $(foreach t,$(TOOLS),\
	    '$(DESTDIR)$(BINDIR)/$(PROGRAM_PREFIX)$t' \
	    '$(DESTDIR)$(MANDIR)/man1/$(PROGRAM_PREFIX)$t.1' \
	    '$(DESTDIR)$(BASHCOMPDIR)/$(PROGRAM_PREFIX)$t') \
	    $(foreach m,$(filter %.7,$(notdir $(MAN))),\
	    '$(DESTDIR)$(MANDIR)/man7/$m')

clean:
	rm -rf build

help:
	@echo 'all          the tools, in $B'
	@echo 'demo         the whole chain on a generated month of a province'
	@echo 'check        every test; TESTS=tests/... for some of them'
	@echo 'check-san    the same under address and undefined sanitizers'
	@echo 'check-large  imports of ROWS=1000000, whole and killed ROUNDS=10 times'
	@echo 'fuzz         fuzzers, FUZZ_SECONDS each; ONLY="csv json"'
	@echo 'lint         format, warnings, static checks, manual pages'
	@echo 'completions  write completions/*.bash anew'
	@echo 'install, uninstall   PREFIX, DESTDIR, PROGRAM_PREFIX'
	@echo 'setup        install what the above need; they do it themselves'
	@echo 'bench        ratios to what else there is; ROWS, RUNS, BENCH=import'
	@echo 'clean        away with build/'
	@echo 'variables: CC CFLAGS LDFLAGS LTO SAN=address,undefined B=DIRECTORY V=1'

FORCE:
.PHONY: all check check-san check-large fuzz fuzzers lint completions install uninstall \
        demo bench clean help setup FORCE
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

-include $(LIB:%.c=$B/%.d) $(TOOLS:%=$B/cmd/%.d) $(UNIT:%.c=$B/%.d) \
         $(GEN:%.c=$B/%.d) $(FUZZ:%.c=$B/%.d)
