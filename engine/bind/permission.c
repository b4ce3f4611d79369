/*
 * Whether the session may read and change what a statement names: T-SQL's own permissions, from the
 * catalogue. Asked where a table or view enters a query and where a column is read. Inside modules
 * nothing is asked (ownership chaining: what a view or procedure does, its owner vouches for).
 */
#include "postgres.h"

#include "bind/bind_internal.h"
#include "context/context.h"

static bool
is_asked(const Binder *binder, const CatalogRelation *relation)
{
    return !binder->in_module && !binder->vouched && !binder->context->describe_only &&
           session_context->procedure_id == 0 && relation->object.id != 0 &&
           !relation->object.is_temporary && !relation->object.is_system;
}

/* Some column may be used so: the whole is not refused at once, columns are looked at. */
static bool
some_column_allowed(const CatalogRelation *relation, const char *permission)
{
    for (int i = 0; i < relation->column_count; i++)
        if (catalog_permission_check(&relation->object, permission, relation->columns[i].column_id))
            return true;
    return false;
}

static const char *
database_name(const CatalogRelation *relation)
{
    const CatalogDatabase *database = catalog_database(relation->object.database);

    return database ? database->name : "";
}

void
bind_check_relation(const Binder *binder, const CatalogRelation *relation, AclMode permissions)
{
    static const struct {
        AclMode bit;
        const char *name;
        bool by_column;
    } kinds[] = {{ACL_SELECT, "SELECT", true},
                 {ACL_INSERT, "INSERT", false},
                 {ACL_UPDATE, "UPDATE", true},
                 {ACL_DELETE, "DELETE", false}};

    if (!is_asked(binder, relation))
        return;
    for (int i = 0; i < lengthof(kinds); i++) {
        if (!(permissions & kinds[i].bit) ||
            catalog_permission_check(&relation->object, kinds[i].name, 0))
            continue;
        if (!kinds[i].by_column || !some_column_allowed(relation, kinds[i].name))
            tsql_error_state(ERR_229, 5, kinds[i].name, relation->object.name,
                             database_name(relation), relation->object.schema_name);
    }
}

void
bind_check_column(const Binder *binder,
                  const CatalogRelation *relation,
                  AttrNumber attnum,
                  const char *permission)
{
    if (!is_asked(binder, relation))
        return;
    for (int i = 0; i < relation->column_count; i++)
        if (relation->columns[i].attnum == attnum &&
            !catalog_permission_check(&relation->object, permission,
                                      relation->columns[i].column_id))
            tsql_error(ERR_230, permission, relation->columns[i].name, relation->object.name,
                       database_name(relation), relation->object.schema_name);
}
