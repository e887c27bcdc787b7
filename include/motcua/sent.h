/*
 * sent.h - lines that leave a process exactly once, whenever it is killed.
 *
 * Lines of a batch are written one by one; a small file counts those that
 * have left, so that another process can go on where a killed one stopped.
 * The file is also a lock: whoever has it open for sending has it alone.
 *
 * Counting a line after writing it would leave a moment in which a kill makes
 * it leave twice.  sendfile(2) writes and counts in one system call, which a
 * SIGKILL cannot end in between: the position that the kernel hands back lies
 * in memory that outlives the process (sent_count.c).  Files opened for
 * appending refuse that; there the file itself is asked afterwards whether the
 * line is in it.
 *
 * A file's line can be cut by a kill where two of its pages meet.  The next
 * run writes what is missing when it goes on with the same file; else the
 * piece stays, a line without its end, and the line is sent anew.  (The file
 * is never cut: whoever may write the counting file would choose which.)
 *
 * The count is not synced: after a power cut lines may leave again.  So may
 * the last one where a run goes on for one that was killed in another IPC
 * namespace.
 */
#ifndef MOTCUA_SENT_H
#define MOTCUA_SENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <motcua/buf.h>
#include <motcua/err.h>

#define MC_SENT_WAIT_MS 30000
/* A longer line may be torn by a kill. */
#define MC_SENT_LINE 4096

struct mc_sent;

/*
 * Make (0660, never through a link) or open, and lock.  MC_EBUSY/E_BUSY
 * when another has it for MC_SENT_WAIT_MS; what says who that is.  E_FILE:
 * no regular file.
 */
int mc_sent_open(struct mc_sent **out, const char *path, const char *what,
    struct mc_err *err) MC_MUST_CHECK;
/* Only to look: not locked, not made, nothing but mc_sent_count(). */
int mc_sent_look(
    struct mc_sent **out, const char *path, struct mc_err *err) MC_MUST_CHECK;
void mc_sent_free(struct mc_sent *s);

/* A new batch, of which nothing has left; its id is not 0. */
void mc_sent_begin(struct mc_sent *s, int64_t batch);
/* All of it has left. */
void mc_sent_end(struct mc_sent *s);
/* How many lines of that batch have left; 0 if it is not the last begun. */
size_t mc_sent_count(struct mc_sent *s, int64_t batch);
/* The next line of the batch, complete with its end, to that descriptor. */
int mc_sent_line(struct mc_sent *s, int fd, struct mc_str line,
    struct mc_err *err) MC_MUST_CHECK;

#endif
