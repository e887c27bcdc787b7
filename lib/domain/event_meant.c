/* event_meant.c - statuses and channels as people write them; motcua/event.h. */
#include <string.h>

#include <motcua/charset.h>
#include <motcua/event.h>

static bool
is_word(const struct mc_buf *key, const char *word)
{
	struct mc_buf own = { 0 };
	bool same;

	mc_text_caseless(&own, mc_str(word));
	same = own.len == key->len && memcmp(own.p, key->p, own.len) == 0;
	mc_buf_free(&own);
	return same;
}

enum mc_status
mc_status_meant(struct mc_str s)
{
	int i = mc_status_parse(s), n = MC_S_REGISTERED;
	struct mc_buf key = { 0 };

	if (i != MC_S_NONE || s.len == 0)
		return (enum mc_status)i;
	mc_text_caseless(&key, s);
	for (; i == MC_S_NONE && n <= MC_S_RETURNED; n++)
		if (is_word(&key, mc_status_name((enum mc_status)n)) ||
		    is_word(&key, mc_status_label((enum mc_status)n)))
			i = n;
	mc_buf_free(&key);
	return (enum mc_status)i;
}

enum mc_channel
mc_channel_meant(struct mc_str s)
{
	int i = mc_channel_parse(s), n = MC_CH_DIRECT;
	struct mc_buf key = { 0 };

	if (i != MC_CH_NONE || s.len == 0)
		return (enum mc_channel)i;
	mc_text_caseless(&key, s);
	for (; i == MC_CH_NONE && n <= MC_CH_POSTAL; n++)
		if (is_word(&key, mc_channel_name((enum mc_channel)n)) ||
		    is_word(&key, mc_channel_label((enum mc_channel)n)))
			i = n;
	mc_buf_free(&key);
	return (enum mc_channel)i;
}
