/*
 * compare.c: what the agent found against what the rows say; see doctor.h.
 */
#include "base/memory.h"
#include "doctor/doctor.h"
#include "supervise/agent_verb.h"

#include <errno.h>
#include <string.h>

const DoctorKind doctor_kinds[] = {
#define DOCTOR_KIND(name, title, finder, argument, table, query)                                   \
    {name, title, DOCTOR_##finder, argument, table, query},
#include "doctor/kinds.def"
#undef DOCTOR_KIND
};
const int doctor_kind_count = (int) (sizeof(doctor_kinds) / sizeof(doctor_kinds[0]));

static void
add_difference(json_t *list, const DoctorKind *kind, const char *id, bool strange)
{
    AUTO_FREE char *text =
        strange ? str_format("a %s is there (%s) that no row knows", kind->title, id)
                : str_format("the %s %s should be there and is not", kind->title, id);

    json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "kind", kind->name, "title",
                                          kind->title, "id", id, "state",
                                          strange ? "strange" : "absent", "text", text));
}

/* Whether a running job speaks of it. What cannot be asked counts as no. */
static bool
on_its_way(StoreConn *store, const DoctorKind *kind, const char *id)
{
    /* Networks have numbers, which no job knows: theirs are applied by whole vpcs. */
    if (kind->finder == DOCTOR_LINKS || kind->finder == DOCTOR_SPACES || strlen(id) < 12) {
        AUTO_FREE char *busy = store_value(
            store,
            "SELECT 1 FROM vpc_vpc WHERE dirty UNION ALL SELECT 1 FROM job WHERE status = "
            "'Running' AND kind LIKE 'ecs%' LIMIT 1",
            "");
        return busy != NULL;
    }
    AUTO_FREE char *busy = store_value(
        store,
        "SELECT 1 FROM job WHERE status = 'Running' AND (resource_id = $1 OR position($1 IN "
        "data::text) > 0) LIMIT 1",
        "s", id);
    return busy != NULL;
}

/* ids as an object {id: true}. */
static json_t *
set_of(const json_t *ids)
{
    json_t *set = json_object(), *one;
    size_t index;

    json_array_foreach(ids, index, one)
        json_object_set_new(set, json_string_value(one), json_true());
    return set;
}

/* One kind; 0 or -EIO. */
static int
compare(StoreConn *store,
        const DoctorKind *kind,
        const json_t *ids,
        json_t *differences,
        json_t *counts)
{
    AUTO_FREE char *table = store_value(store, "SELECT to_regclass($1)::text", "s", kind->table);
    AUTO_JSON json_t *there = set_of(ids);
    AUTO_JSON json_t *known = json_object();
    const char *id;
    json_t *unused;
    int expected = 0;

    if (store_failed(store))
        return -EIO;
    if (!table)
        return 0;
    AUTO_ROWS PGresult *rows = store_query(store, kind->query, "");
    if (!rows)
        return -EIO;
    for (int i = 0; i < PQntuples(rows); i++) {
        bool wanted = row_flag(rows, i, "wanted");
        id = row_text(rows, i, "id");
        json_object_set_new(known, id, json_true());
        expected += wanted;
        if (wanted && !json_object_get(there, id) && !on_its_way(store, kind, id))
            add_difference(differences, kind, id, false);
    }
    json_object_foreach(there, id, unused)
    {
        if (!json_object_get(known, id) && !on_its_way(store, kind, id))
            add_difference(differences, kind, id, true);
    }
    json_array_append_new(counts, json_pack("{s:s, s:s, s:i, s:i}", "kind", kind->name, "title",
                                            kind->title, "there", (int) json_object_size(there),
                                            "expected", expected));
    return 0;
}

int
doctor_compare(StoreConn *store, json_t **answer, char **problem)
{
    AUTO_JSON json_t *found = NULL;
    AUTO_JSON json_t *differences = json_array();
    AUTO_JSON json_t *counts = json_array();
    int error = agent_ask(json_pack("{s:s}", "verb", "doctor-found"), &found, problem);

    for (int i = 0; i < doctor_kind_count && !error; i++)
        error = compare(store, &doctor_kinds[i], json_object_get(found, doctor_kinds[i].name),
                        differences, counts);
    if (error && problem && !*problem)
        *problem = str_copy("the rows cannot be read");
    if (!error)
        *answer = json_pack("{s:O, s:O}", "differences", differences, "counts", counts);
    return error;
}

int
doctor_host(json_t **answer, char **problem)
{
    int error = agent_ask(json_pack("{s:s}", "verb", "doctor-host"), answer, problem);

    if (!error)
        json_object_del(*answer, "error");
    return error;
}
