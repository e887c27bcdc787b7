/*
 * deadline.c - what one due date costs: CPU time of mc_deadline() and of
 * mc_calendar_add_days() per item, for deadline.sh.
 *
 * deadline CALENDAR.json ZONE FROM DAYS: random instants of the DAYS days
 * after FROM, random terms.  Prints "kind nanoseconds" lines and, against a
 * compiler that would leave the work out, a sum.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <motcua/deadline.h>

#define ITEMS 1000000

static uint64_t seed = 0x2545f4914f6cdd1dU;

static int64_t
below(int64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (int64_t)((seed >> 11) % (uint64_t)n);
}

static int64_t
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static struct mc_calendar *
read_calendar(const char *path, const struct mc_zone *zone, struct mc_err *err)
{
	struct mc_buf text = { 0 };
	struct mc_calendar *cal;
	struct mc_json *doc;
	FILE *f = fopen(path, "r");
	size_t n;
	int rc;

	if (f == NULL) {
		perror(path);
		exit(2);
	}
	do {
		n = fread(mc_buf_room(&text, 65536), 1, 65536, f);
		text.len += n;
	} while (n > 0);
	fclose(f);
	if (mc_json_parse(
		&doc, path, (struct mc_str){ text.p, text.len }, err) == -1)
		return NULL;
	rc = mc_calendar_new(
	    &cal, path, doc, (struct mc_str){ text.p, text.len }, zone, err);
	mc_json_free(doc);
	mc_buf_free(&text);
	return rc == -1 ? NULL : cal;
}

static int64_t start[ITEMS];
static int32_t milli[ITEMS]; /* of the term */
static int64_t sum;

static void
run(const char *kind, const struct mc_policy *p, const struct mc_calendar *cal,
    enum mc_term_unit unit)
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_due due;
	int64_t from, to, seen = 0;
	int round, i;

	/* The first round fills the tables. */
	for (round = 0; round < 2; round++) {
		from = cpu_ns();
		for (i = 0; i < ITEMS; i++) {
			if (mc_deadline(&due, p, cal,
				(struct mc_term){ unit, milli[i] }, start[i],
				NULL, NULL, &err) == -1) {
				fprintf(stderr, "%s\n", err.msg);
				exit(2);
			}
			seen += due.day ^ due.at;
		}
		to = cpu_ns();
	}
	sum += seen;
	printf("%s %.2f\n", kind, (double)(to - from) / ITEMS);
}

static void
run_add_days(const struct mc_calendar *cal, const struct mc_zone *zone)
{
	static int32_t day[ITEMS];
	int64_t from;
	int i;

	for (i = 0; i < ITEMS; i++)
		day[i] = mc_zone_day(zone, start[i]);
	from = cpu_ns();
	for (i = 0; i < ITEMS; i++)
		sum += mc_calendar_add_days(cal, day[i], milli[i] / 1000);
	printf("add_days %.2f\n", (double)(cpu_ns() - from) / ITEMS);
}

static void
terms(int32_t least, int32_t most, int32_t step)
{
	int i;

	for (i = 0; i < ITEMS; i++)
		milli[i] =
		    least + (int32_t)below((most - least) / step + 1) * step;
}

int
main(int argc, char *argv[])
{
	struct mc_err err = MC_ERR_INIT;
	struct mc_policy p = mc_policy_default;
	struct mc_calendar *cal;
	struct mc_zone *zone;
	int32_t first;
	int i, days;

	if (argc != 5 || (first = mc_day_parse(mc_str(argv[3]))) == MC_NODAY ||
	    (days = (int)strtol(argv[4], NULL, 10)) < 1) {
		fprintf(stderr, "usage: deadline CALENDAR ZONE FROM DAYS\n");
		return 2;
	}
	if (mc_zone_open(&zone, argv[2], &err) == -1 ||
	    (cal = read_calendar(argv[1], zone, &err)) == NULL) {
		fprintf(stderr, "%s\n", err.msg);
		return 2;
	}
	for (i = 0; i < ITEMS; i++)
		start[i] = mc_zone_instant(zone, first + (int32_t)below(days),
		    below(MC_MS_DAY / 1000) * 1000);
	terms(1000, 60000, 1000);
	run("working-days", &p, cal, MC_TERM_WORKING_DAYS);
	run_add_days(cal, zone);
	p.due_time = MC_DUE_SAME_TIME;
	run("working-days-same-time", &p, cal, MC_TERM_WORKING_DAYS);
	p = mc_policy_default;
	terms(1000, 80000, 500);
	run("working-hours", &p, cal, MC_TERM_WORKING_HOURS);
	terms(1000, 90000, 1000);
	run("days", &p, cal, MC_TERM_DAYS);
	terms(250, 10000, 250);
	run("fractions", &p, cal, MC_TERM_WORKING_DAYS);
	terms(1000, 12000, 1000);
	run("months", &p, cal, MC_TERM_MONTHS);
	fprintf(stderr, "%" PRId64 "\n", sum);
	mc_calendar_free(cal);
	mc_zone_free(zone);
	return 0;
}
