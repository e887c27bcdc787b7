/*
 * impact_report.h - what a proposed revision would do to deadlines, written.
 */
#ifndef MOTCUA_IMPACT_REPORT_H
#define MOTCUA_IMPACT_REPORT_H

#include <motcua/cli.h>
#include <motcua/impact.h>
#include <motcua/out.h>
#include <motcua/store.h>

/*
 * Each dossier (motcua.impact/1), or by procedure or unit the counts
 * (motcua.impact-count/1).  The store gives the codes.
 */
int mc_impact_write(struct mc_impact *im, struct mc_store *s,
    enum mc_impact_by by, struct mc_out *out, struct mc_err *err) MC_MUST_CHECK;
/* The summary for people, on stderr. */
void mc_impact_say(struct mc_impact *im, struct mc_cli *cli);

#endif
