/*
 * PostgreSQL's rows and triggers of constraints: see pg_constraint.h.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/dependency.h"
#include "catalog/indexing.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_trigger.h"
#include "ddl/pg_constraint.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

Oid
ddl_pg_constraint(Oid relation, const char *pg_name)
{
    return pg_name ? get_relation_constraint_oid(relation, pg_name, true) : InvalidOid;
}

void
ddl_enable_constraint_triggers(Oid constraint, bool enable)
{
    Relation triggers = table_open(TriggerRelationId, AccessShareLock);
    List *names = NIL, *relations = NIL;
    ScanKeyData key;
    SysScanDesc scan;
    HeapTuple tuple;
    ListCell *name, *relation;

    ScanKeyInit(&key, Anum_pg_trigger_tgconstraint, BTEqualStrategyNumber, F_OIDEQ,
                ObjectIdGetDatum(constraint));
    scan = systable_beginscan(triggers, TriggerConstraintIndexId, true, NULL, 1, &key);
    while (HeapTupleIsValid(tuple = systable_getnext(scan))) {
        Form_pg_trigger trigger = (Form_pg_trigger) GETSTRUCT(tuple);

        names = lappend(names, pstrdup(NameStr(trigger->tgname)));
        relations = lappend_oid(relations, trigger->tgrelid);
    }
    systable_endscan(scan);
    table_close(triggers, AccessShareLock);
    forboth (name, names, relation, relations)
        ddl_run_sql(psprintf("ALTER TABLE %s %s TRIGGER %s",
                             ddl_quoted_relation(lfirst_oid(relation)),
                             enable ? "ENABLE" : "DISABLE", quote_identifier(lfirst(name))));
}

/* WITH CHECK CHECK CONSTRAINT: makes PostgreSQL look at all rows by marking the constraint not
 * validated first. */
void
ddl_revalidate_constraint(Oid relation, Oid constraint, const char *pg_name)
{
    Relation constraints = table_open(ConstraintRelationId, RowExclusiveLock);
    HeapTuple tuple = SearchSysCacheCopy1(CONSTROID, ObjectIdGetDatum(constraint));

    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for constraint %u", constraint);
    ((Form_pg_constraint) GETSTRUCT(tuple))->convalidated = false;
    CatalogTupleUpdate(constraints, &tuple->t_self, tuple);
    heap_freetuple(tuple);
    table_close(constraints, RowExclusiveLock);
    CommandCounterIncrement();
    ddl_run_sql(psprintf("ALTER TABLE %s VALIDATE CONSTRAINT %s", ddl_quoted_relation(relation),
                         quote_identifier(pg_name)));
}

void
ddl_drop_pg_index(Oid relation)
{
    Oid constraint;
    ObjectAddress address;

    if (!OidIsValid(relation))
        return;
    constraint = get_index_constraint(relation);
    if (OidIsValid(constraint))
        ObjectAddressSet(address, ConstraintRelationId, constraint);
    else
        ObjectAddressSet(address, RelationRelationId, relation);
    performDeletion(&address, DROP_CASCADE, 0);
    CommandCounterIncrement();
}
