/*
 * relay.h - records through a writer, each leaving exactly once.
 *
 * Between a writer of out.h and a count of sent.h: what the writer makes of
 * a batch of records is cut into pieces, a record each, and sent.  A heading
 * leaves with the first record.
 */
#ifndef MOTCUA_RELAY_H
#define MOTCUA_RELAY_H

#include <motcua/cli.h>
#include <motcua/err.h>
#include <motcua/out.h>
#include <motcua/sent.h>
#include <motcua/when.h>

struct mc_relay;

/* For records in the format of the common options. */
int mc_relay_open(struct mc_relay **out, const struct mc_cli *cli,
    const struct mc_zone *zone, struct mc_err *err) MC_MUST_CHECK;
void mc_relay_free(struct mc_relay *r);

/* Where the next record goes, which mc_relay_end() ends. */
struct mc_out *mc_relay_out(struct mc_relay *r);
int mc_relay_end(struct mc_relay *r, struct mc_err *err) MC_MUST_CHECK;

/*
 * All of them, one by one, to standard output; then a new batch may come.
 */
int mc_relay_send(
    struct mc_relay *r, struct mc_sent *sent, struct mc_err *err) MC_MUST_CHECK;

#endif
