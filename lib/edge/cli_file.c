/* cli_file.c - files that an option may not name; see motcua/cli.h. */
#include <motcua/cli.h>
#include <motcua/outfile.h>

int
mc_cli_not_read(const struct mc_cli *cli, const char *option, const char *path,
    const char *input)
{
	if (input == NULL || !mc_outfile_is(path, input))
		return 0;
	return mc_cli_usage_at(
	    cli, option, "\"%s\" is also what is read, \"%s\"", path, input);
}

int
mc_cli_not_db(const struct mc_cli *cli, const char *option, const char *path)
{
	/* What SQLite and we keep beside it: without one of them it is lost. */
	static const char *const part[] = { "", "-wal", "-shm", ".lock" };
	struct mc_buf name = { 0 };
	size_t i;
	int rc = 0;

	if (cli->db == NULL)
		return 0;
	for (i = 0; i < sizeof(part) / sizeof(part[0]) && rc == 0; i++) {
		mc_buf_reset(&name);
		mc_buf_printf(&name, "%s%s", cli->db, part[i]);
		rc = mc_cli_not_read(cli, option, path, name.p);
	}
	mc_buf_free(&name);
	return rc;
}
