/*
 * T-SQL permissions on the tables of a statement, checked when it is bound: GRANT and DENY change
 * the catalogue, after which every plan is bound anew. Statements of modules are not checked
 * (ownership chaining: who may execute may use what the module uses), nor are tables behind views.
 */
#include "postgres.h"

#include "catalogue/catalog.h"
#include "context/context.h"
#include "errors/errors.h"
#include "pgcompat/pgcompat.h"
#include "plan/statement_plan.h"

static const struct {
    AclMode mode;
    const char *name;
} permissions[] = {
    {ACL_SELECT, "SELECT"}, {ACL_INSERT, "INSERT"}, {ACL_UPDATE, "UPDATE"}, {ACL_DELETE, "DELETE"}};

static void
check_relation(const RangeTblEntry *rte, AclMode wanted)
{
    CatalogObject object;
    const CatalogDatabase *database;

    if (!catalog_object_by_relation(rte->relid, &object) || object.is_system || object.is_temporary)
        return;
    for (int i = 0; i < lengthof(permissions); i++) {
        if ((wanted & permissions[i].mode) == 0 ||
            catalog_permission_check(&object, permissions[i].name, 0))
            continue;
        database = catalog_database(object.database);
        tsql_error_state(ERR_229, 5, permissions[i].name, object.name,
                         database ? database->name : "", object.schema_name);
    }
}

void
plan_check_permissions(const PlannedStmt *planned)
{
    ListCell *cell;

    if (session_context->is_sysadmin)
        return;
    foreach (cell, planned->rtable) {
        RangeTblEntry *rte = lfirst_node(RangeTblEntry, cell);
        AclMode wanted;
        Oid user;

        if (rte->rtekind != RTE_RELATION)
            continue;
        wanted = pgcompat_plan_permissions(planned, rte, &user);
        if (!OidIsValid(user))
            check_relation(rte, wanted);
    }
}
