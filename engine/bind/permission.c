/*
 * Whether the session may read and change what a statement names: T-SQL's own permissions, from the
 * catalogue. Asked where a table or view enters a query and where a column is read. Inside modules
 * nothing is asked of what has the module's own owner (ownership chaining: the owner vouches for
 * it); text that a module executes is no part of it.
 */
#include "postgres.h"

#include "bind/bind_internal.h"
#include "context/context.h"

/* Owners are those of schemas. A chain ends at the border of a database. */
bool
bind_same_owner(int32 database, const char *schema, const CatalogObject *object)
{
    int32 id;

    if (object->database != database)
        return false;
    if (schema == NULL || strcmp(schema, object->schema_name) == 0)
        return true;
    id = catalog_schema_by_name(database, schema);
    return id == SCHEMA_SYS || catalog_schema_owner(database, id) ==
                                   catalog_schema_owner(object->database, object->schema);
}

static bool
is_asked(const Binder *binder, const CatalogRelation *relation)
{
    if (binder->vouched || binder->context->describe_only || relation->object.id == 0 ||
        relation->object.is_temporary || relation->object.is_system)
        return false;
    return !(binder->in_module || binder->context->in_module) ||
           !bind_same_owner(binder->database, binder->default_schema, &relation->object);
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

void
bind_check_function(const Binder *binder, const CatalogObject *function, const char *permission)
{
    const CatalogDatabase *database;

    if (function->is_system || binder->vouched || binder->context->describe_only ||
        ((binder->in_module || binder->context->in_module) &&
         bind_same_owner(binder->database, binder->default_schema, function)) ||
        catalog_permission_check(function, permission, 0))
        return;
    database = catalog_database(function->database);
    tsql_error_state(ERR_229, 5, permission, function->name, database ? database->name : "",
                     function->schema_name);
}

void
bind_check_database(const Binder *binder, const char *name)
{
    const CatalogDatabase *database = catalog_database_by_name(name);
    int32 login, user;

    if (database == NULL || database->id == session_context->database ||
        database->id <= DATABASE_MSDB || binder->context->describe_only || catalog_who_hook == NULL)
        return;
    catalog_who_hook(database->id, &login, &user);
    if (user == PRINCIPAL_PUBLIC)
        tsql_error(ERR_916, session_context->login_name, database->name);
}
