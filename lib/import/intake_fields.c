/*
 * intake_fields.c - a row's values of the fields that its procedure
 * declares; see motcua/intake.h.
 */
#include <string.h>

#include <motcua/json.h>

#include "intake_internal.h"

/* A row's fields, sorted by name: canonical JSON. */
struct pairs {
	struct field_pair p[MC_MAP_FIELDS];
	size_t n;
};

static void
add_pair(struct pairs *x, const struct mc_field *f, struct mc_str value)
{
	size_t k = x->n++;

	for (; k > 0 && strcmp(x->p[k - 1].name, f->name) > 0; k--)
		x->p[k] = x->p[k - 1];
	x->p[k] = (struct field_pair){ f->name, value, f->public };
}

/* A number that could be two, or that the map reads as none. */
static bool
refuse_number(struct mc_intake *in, struct draft *d, int i, const char *name)
{
	char sign = mc_map_decimal(in->o.map);

	if (sign != '\0')
		return mc_intake_refuse(in, d, i, "E_FIELD",
		    "field.%s is no number with \"%c\" as its decimal sign",
		    name, sign);
	mc_intake_refuse(in, d, i, "E_FIELD",
	    "field.%s: its comma or point can be read in two ways", name);
	mc_intake_advise(
	    in, d, "a map says which is the decimal one: \"decimal\": \",\"");
	return false;
}

/* The value of column i: undeclared names are refused. */
static bool
take_field(struct mc_intake *in, struct draft *d, int i, struct mc_str s,
    struct pairs *x)
{
	struct mc_str name = in->b->field_name[in->b->field[i]];
	const struct mc_field *f = NULL;
	struct mc_buf *b = &in->scratch;
	struct mc_err err = MC_ERR_INIT;
	char number[MC_MAP_NUMBER];

	if (d->version != NULL)
		f = mc_procedure_field(d->version->procedure, name);
	if (f == NULL)
		return mc_intake_refuse(in, d, i, "E_FIELD",
		    "the procedure declares no field \"%s\"", name.p);
	mc_buf_reset(b);
	if ((f->type == MC_FIELD_DECIMAL || f->type == MC_FIELD_INTEGER) &&
	    !mc_map_number(in->o.map, s, number, &s))
		return refuse_number(in, d, i, f->name);
	if (mc_field_normal(b, f->type, s, &err) == -1)
		return mc_intake_refuse(
		    in, d, i, "E_FIELD", "field.%s is %s", f->name, err.msg);
	add_pair(x, f, mc_pool_str(&in->pool, (struct mc_str){ b->p, b->len }));
	return true;
}

/* Those that are public, or those that are not, as an object; or empty. */
static bool
put_fields(
    struct mc_intake *in, struct draft *d, bool public, struct mc_str *out)
{
	struct mc_buf *b = &in->scratch;
	struct mc_jw w;
	size_t k;

	mc_buf_reset(b);
	w = mc_jw(b);
	mc_jw_open(&w, '{');
	for (k = 0; k < d->pairs; k++)
		if (d->pair[k].public == public) {
			mc_jw_key(&w, d->pair[k].name);
			mc_jw_str(&w, d->pair[k].value);
		}
	mc_jw_close(&w, '}');
	if (public && b->len > MC_INTAKE_FIELDS)
		return mc_intake_refuse(in, d, -1, "E_LIMIT",
		    "the fields have more than %d bytes", MC_INTAKE_FIELDS);
	if (b->len > 2)
		*out = mc_pool_str(&in->pool, (struct mc_str){ b->p, b->len });
	return true;
}

/*
 * Values are brought to their normal form.  A case may be chosen by them:
 * then they have been taken before.
 */
bool
mc_intake_take_fields(
    struct mc_intake *in, struct draft *d, const struct mc_str *field)
{
	struct field_pair *pair;
	struct pairs x;
	struct mc_str s;
	int k, i;

	x.n = 0;
	for (k = 0; k < in->b->n_field_at; k++) {
		i = in->b->field_at[k];
		if (field[i].len == 0)
			continue;
		s = mc_intake_clean(in, d, field[i]);
		if (s.len > 0 && !take_field(in, d, i, s, &x))
			return false;
	}
	if (x.n == 0)
		return true;
	d->pairs = x.n;
	d->pair = pair = mc_pool_get(&in->pool, x.n * sizeof(*pair));
	memcpy(pair, x.p, x.n * sizeof(*pair));
	return put_fields(in, d, true, &d->fields) &&
	       put_fields(in, d, false, &d->private_fields);
}

const char *
mc_intake_field(const struct draft *d, const char *name)
{
	size_t k;

	for (k = 0; k < d->pairs; k++)
		if (strcmp(d->pair[k].name, name) == 0)
			return d->pair[k].value.p;
	return NULL;
}
