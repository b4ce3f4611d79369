/*
 * System procedures that change the catalogue and cannot be said in T-SQL: sp_rename,
 * sp_addextendedproperty and its kin, sp_refreshview, sp_getapplock, sp_configure's change.
 */
#include "postgres.h"

#include "bind/bind.h"
#include "catalog/pg_authid.h"
#include "common/hashfn.h"
#include "context/context.h"
#include "context/session_values.h"
#include "ddl/ddl_internal.h"
#include "miscadmin.h"
#include "pgcompat/pgcompat.h"
#include "procedures/procedures.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "types/variant.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "views/names.h"
#include "views/system_procedures.h"

static const char *
required(const ProcedureCall *call, int position, const char *name, const char *procedure)
{
    const char *value = procedure_text(call, position, name);

    if (value == NULL)
        tsql_error(ERR_201, procedure, name);
    return value;
}

/* ---- sp_rename ---- */

static void
set_object_name(const CatalogObject *object, const char *name)
{
    CatalogScan scan;
    CatalogRow row;
    DdlTarget target;
    CatalogObject taken;

    ddl_target_of(object, &target);
    target.key = ddl_fold(object->database, name);
    if (ddl_existing(&target, &taken) && taken.id != object->id)
        tsql_error(ERR_15335, name, "object");
    catalog_row_init(&row, TABLE_objects);
    catalog_row_text(&row, COL_objects_name, name);
    catalog_row_text(&row, COL_objects_key, target.key);
    catalog_row_now(&row, COL_objects_modified);
    catalog_scan_begin(&scan, TABLE_objects, "objects_pkey", true);
    catalog_scan_key_int(&scan, COL_objects_id, object->id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

static void
set_index_name(int32 table, int32 index_id, int32 database, const char *name)
{
    CatalogScan scan;
    CatalogRow row;

    catalog_row_init(&row, TABLE_indexes);
    catalog_row_text(&row, COL_indexes_name, name);
    catalog_row_text(&row, COL_indexes_key, ddl_fold(database, name));
    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", true);
    catalog_scan_key_int(&scan, COL_indexes_object, table);
    catalog_scan_key_int(&scan, COL_indexes_id, index_id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

/* The index behind a renamed key has the key's name. */
static void
rename_index_of_constraint(const CatalogObject *constraint, const char *name)
{
    CatalogScan scan;
    int32 index = -1;

    catalog_scan_begin(&scan, TABLE_indexes, "indexes_id", false);
    catalog_scan_key_int(&scan, COL_indexes_object, constraint->parent);
    while (catalog_scan_next(&scan))
        if (catalog_field_int(&scan, COL_indexes_constraint_object) == constraint->id)
            index = catalog_field_int(&scan, COL_indexes_id);
    catalog_scan_end(&scan);
    if (index > 0)
        set_index_name(constraint->parent, index, constraint->database, name);
}

static void
rename_object(const CatalogObject *object, const char *name)
{
    Oid namespace;

    set_object_name(object, name);
    if (object->type == CATALOG_PRIMARY_KEY || object->type == CATALOG_UNIQUE)
        rename_index_of_constraint(object, name);
    if (!OidIsValid(object->relation))
        return;
    namespace = get_rel_namespace(object->relation);
    ddl_run_sql(psprintf("ALTER TABLE %s RENAME TO %s", ddl_quoted_relation(object->relation),
                         quote_identifier(ddl_free_relation_name(name, namespace, object->id))));
}

static void
rename_column(const CatalogObject *table, const char *column_name, const char *name)
{
    const CatalogRelation *relation = catalog_relation(table);
    int index = catalog_column_find(relation, column_name), other;
    const CatalogColumn *column;
    CatalogScan scan;
    CatalogRow row;

    if (index < 0)
        tsql_error(ERR_15248, "COLUMN");
    other = catalog_column_find(relation, name);
    if (other >= 0 && other != index)
        tsql_error(ERR_15335, name, "COLUMN");
    column = &relation->columns[index];
    if (ddl_column_is_named(table, column))
        tsql_error(ERR_15336, psprintf("%s.%s", table->name, column_name));
    if (column->attnum > 0 && OidIsValid(table->relation))
        ddl_run_sql(psprintf("ALTER TABLE %s RENAME COLUMN %s TO %s",
                             ddl_quoted_relation(table->relation),
                             quote_identifier(ddl_pg_column(table->relation, column->attnum)),
                             quote_identifier(catalog_pg_column_name(name))));
    catalog_row_init(&row, TABLE_columns);
    catalog_row_text(&row, COL_columns_name, name);
    catalog_row_text(&row, COL_columns_key, ddl_fold(table->database, name));
    catalog_scan_begin(&scan, TABLE_columns, "columns_id", true);
    catalog_scan_key_int(&scan, COL_columns_object, table->id);
    catalog_scan_key_int(&scan, COL_columns_id, column->column_id);
    if (catalog_scan_next(&scan))
        catalog_scan_update(&scan, &row);
    catalog_scan_end(&scan);
}

/* "t.x" or "s.t.x": the table part and the last part. */
static bool
find_table_of_part(const char *written, CatalogObject *table, const char **part)
{
    NameParts split = name_split(written);

    if (split.count < 2)
        return false;
    *part = split.parts[split.count - 1];
    return catalog_find_object(session_context->database, session_context->default_schema,
                               split.count == 4 ? split.parts[0] : NULL,
                               split.count >= 3 ? split.parts[split.count - 3] : NULL,
                               split.parts[split.count - 2], true, table);
}

static void
rename_any(const char *written, const char *name, const char *type)
{
    CatalogObject object;
    const char *part;
    int32 index;

    if (type != NULL && pg_strcasecmp(type, "DATABASE") == 0) {
        AstAlterDatabase alter = {
            .node = {.kind = AST_ALTER_DATABASE}, .name = written, .modify_name = name};
        DdlContext context = {0};

        ddl_alter_database(&alter, &context);
        return;
    }
    if ((type == NULL || pg_strcasecmp(type, "OBJECT") == 0) &&
        name_find_object(written, &object) && !object.is_system) {
        if (!ddl_may_alter(&object))
            tsql_error(ERR_15225, written, session_context->database_name, type ? type : "(null)");
        rename_object(&object, name);
    } else if ((type == NULL || pg_strcasecmp(type, "COLUMN") == 0) &&
               find_table_of_part(written, &object, &part) && !object.is_system &&
               catalog_column_find(catalog_relation(&object), part) >= 0)
        rename_column(&object, part, name);
    else if ((type == NULL || pg_strcasecmp(type, "INDEX") == 0) &&
             find_table_of_part(written, &object, &part) &&
             (index = ddl_find_index(&object, part, NULL, NULL)) > 0)
        set_index_name(object.id, index, object.database, name);
    else if (type != NULL)
        tsql_error(ERR_15248, type);
    else
        tsql_error(ERR_15225, written, session_context->database_name, "(null)");
}

static void
procedure_rename(ProcedureCall *call)
{
    const char *written = required(call, 0, "@objname", "sp_rename");
    const char *name = required(call, 1, "@newname", "sp_rename");

    rename_any(written, name, procedure_text(call, 2, "@objtype"));
    ddl_changed(false);
    /* 15477: caution about names in scripts, as an information message */
    ddl_inform(tsql_error_format(ERR_15477), 15477);
}

/* ---- extended properties ---- */

typedef struct Property {
    int class;
    int32 major, minor;
    const char *name;
} Property;

static void
find_property_target(const ProcedureCall *call, int first, Property *property)
{
    const char *types[3], *names[3];
    static const char *const parameters[3][2] = {{"@level0type", "@level0name"},
                                                 {"@level1type", "@level1name"},
                                                 {"@level2type", "@level2name"}};
    CatalogObject object;
    int column;

    for (int i = 0; i < 3; i++) {
        types[i] = procedure_text(call, first + 2 * i, parameters[i][0]);
        names[i] = procedure_text(call, first + 2 * i + 1, parameters[i][1]);
    }
    property->class = 0;
    property->major = property->minor = 0;
    if (types[0] == NULL)
        return;
    if (types[1] == NULL) {
        property->class = 3;
        property->major =
            catalog_schema_by_name(session_context->database, names[0] ? names[0] : "");
        if (property->major == 0)
            tsql_error(ERR_15135, names[0] ? names[0] : "");
        return;
    }
    if (!catalog_find_object(session_context->database, names[0], NULL, names[0],
                             names[1] ? names[1] : "", true, &object))
        tsql_error(ERR_15135,
                   psprintf("%s.%s", names[0] ? names[0] : "", names[1] ? names[1] : ""));
    property->class = 1;
    property->major = object.id;
    if (types[2] == NULL)
        return;
    if (pg_strcasecmp(types[2], "COLUMN") == 0) {
        column = catalog_column_find(catalog_relation(&object), names[2] ? names[2] : "");
        if (column < 0)
            tsql_error(ERR_15135,
                       psprintf("%s.%s.%s", names[0], names[1], names[2] ? names[2] : ""));
        property->minor = catalog_relation(&object)->columns[column].column_id;
    } else if (pg_strcasecmp(types[2], "INDEX") == 0) {
        property->class = 7;
        property->minor = ddl_find_index(&object, names[2] ? names[2] : "", NULL, NULL);
    } else if (names[2] != NULL && catalog_find_object(session_context->database, names[0], NULL,
                                                       names[0], names[2], true, &object))
        property->major = object.id; /* a constraint or trigger */
}

static bool
open_property(const Property *property, CatalogScan *scan)
{
    catalog_scan_begin(scan, TABLE_extended_properties, "extended_properties_key", true);
    catalog_scan_key_int(scan, COL_extended_properties_database, session_context->database);
    catalog_scan_key_short(scan, COL_extended_properties_class, property->class);
    catalog_scan_key_int(scan, COL_extended_properties_major, property->major);
    catalog_scan_key_int(scan, COL_extended_properties_minor, property->minor);
    catalog_scan_key_text(scan, COL_extended_properties_key,
                          ddl_fold(session_context->database, property->name));
    return catalog_scan_next(scan);
}

static void
procedure_addextendedproperty(ProcedureCall *call)
{
    Property property = {.name = required(call, 0, "@name", "sp_addextendedproperty")};
    const char *value = procedure_text(call, 1, "@value");
    CatalogScan scan;
    CatalogRow row;
    bool exists;

    find_property_target(call, 2, &property);
    exists = open_property(&property, &scan);
    catalog_scan_end(&scan);
    if (exists)
        tsql_error(ERR_15233, property.name, "object specified");
    catalog_row_init(&row, TABLE_extended_properties);
    catalog_row_int(&row, COL_extended_properties_database, session_context->database);
    catalog_row_short(&row, COL_extended_properties_class, property.class);
    catalog_row_int(&row, COL_extended_properties_major, property.major);
    catalog_row_int(&row, COL_extended_properties_minor, property.minor);
    catalog_row_text(&row, COL_extended_properties_key,
                     ddl_fold(session_context->database, property.name));
    catalog_row_text(&row, COL_extended_properties_name, property.name);
    catalog_row_text(&row, COL_extended_properties_value, value);
    catalog_row_insert(&row);
}

static void
procedure_updateextendedproperty(ProcedureCall *call)
{
    Property property = {.name = required(call, 0, "@name", "sp_updateextendedproperty")};
    const char *value = procedure_text(call, 1, "@value");
    CatalogScan scan;
    CatalogRow row;
    bool exists;

    find_property_target(call, 2, &property);
    exists = open_property(&property, &scan);
    if (exists) {
        catalog_row_init(&row, TABLE_extended_properties);
        catalog_row_text(&row, COL_extended_properties_value, value);
        catalog_scan_update(&scan, &row);
    }
    catalog_scan_end(&scan);
    if (!exists)
        tsql_error(ERR_15217, property.name, "object specified");
}

static void
procedure_dropextendedproperty(ProcedureCall *call)
{
    Property property = {.name = required(call, 0, "@name", "sp_dropextendedproperty")};
    CatalogScan scan;
    bool exists;

    find_property_target(call, 1, &property);
    exists = open_property(&property, &scan);
    if (exists)
        catalog_scan_delete(&scan);
    catalog_scan_end(&scan);
    if (!exists)
        tsql_error(ERR_15217, property.name, "object specified");
}

/* ---- sp_refreshview, sp_refreshsqlmodule ---- */

static void
procedure_refreshview(ProcedureCall *call)
{
    const char *written = required(call, 0, "@viewname", "sp_refreshview");
    CatalogObject object;
    CatalogModule module;

    if (!name_find_object(written, &object) || !catalog_module(object.id, &module))
        tsql_error(ERR_15009, written, session_context->database_name);
    if (object.type == CATALOG_VIEW)
        ddl_refresh_view(&module);
    ddl_changed(false);
}

/* ---- sp_configure's change ---- */

static void
procedure_configure_set(ProcedureCall *call)
{
    const char *name = required(call, 0, "@configname", "sp_configure");
    int32 value = procedure_int(call, 1, "@configvalue", 0), old = 0;
    CatalogScan scan;
    CatalogRow row;
    bool fits = true;

    if (!catalog_server_permission_check("ALTER SETTINGS"))
        tsql_error(ERR_15247);
    catalog_scan_begin(&scan, TABLE_configurations, NULL, true);
    catalog_scan_key_text(&scan, COL_configurations_name, name);
    if (catalog_scan_next(&scan)) {
        old = catalog_field_int(&scan, COL_configurations_value);
        fits = value >= catalog_field_int(&scan, COL_configurations_minimum) &&
               value <= catalog_field_int(&scan, COL_configurations_maximum);
        catalog_row_init(&row, TABLE_configurations);
        catalog_row_int(&row, COL_configurations_value, value);
        catalog_row_int(&row, COL_configurations_value_in_use, value);
        if (fits)
            catalog_scan_update(&scan, &row);
    }
    catalog_scan_end(&scan);
    if (!fits)
        tsql_error(ERR_15129, value, name);
    ddl_inform(tsql_error_format(ERR_15457, name, old, value), 15457);
}

/* ---- application locks ---- */

#define APPLICATION_LOCK_METHOD 4

static void
application_tag(LOCKTAG *tag, const char *resource)
{
    uint64 hash =
        DatumGetUInt64(hash_any_extended((const unsigned char *) resource, strlen(resource), 0));

    SET_LOCKTAG_ADVISORY(*tag, MyDatabaseId, (uint32) (hash >> 32) ^ session_context->database,
                         (uint32) hash, APPLICATION_LOCK_METHOD);
}

static LOCKMODE
application_mode(const char *mode)
{
    if (pg_strcasecmp(mode, "Shared") == 0 || pg_strcasecmp(mode, "IntentShared") == 0)
        return ShareLock;
    if (pg_strcasecmp(mode, "Update") == 0)
        return ShareRowExclusiveLock;
    return ExclusiveLock;
}

static void
procedure_getapplock(ProcedureCall *call)
{
    const char *resource = required(call, 0, "@Resource", "sp_getapplock");
    const char *mode = required(call, 1, "@LockMode", "sp_getapplock");
    const char *owner = procedure_text(call, 2, "@LockOwner");
    int32 timeout = procedure_int(call, 3, "@LockTimeout", session_context->lock_timeout);
    bool session = owner != NULL && pg_strcasecmp(owner, "Session") == 0;
    LOCKTAG tag;
    TimestampTz end = GetCurrentTimestamp() + (int64) timeout * 1000;

    application_tag(&tag, resource);
    call->return_status = 0;
    if (LockAcquire(&tag, application_mode(mode), session, true) != LOCKACQUIRE_NOT_AVAIL)
        return;
    call->return_status = 1;
    if (timeout < 0) {
        (void) LockAcquire(&tag, application_mode(mode), session, false);
        return;
    }
    while (GetCurrentTimestamp() < end) {
        CHECK_FOR_INTERRUPTS();
        pg_usleep(5000L);
        if (LockAcquire(&tag, application_mode(mode), session, true) != LOCKACQUIRE_NOT_AVAIL)
            return;
    }
    call->return_status = -1;
}

static void
procedure_releaseapplock(ProcedureCall *call)
{
    static const LOCKMODE modes[] = {ExclusiveLock, ShareRowExclusiveLock, ShareLock};
    const char *resource = required(call, 0, "@Resource", "sp_releaseapplock");
    const char *owner = procedure_text(call, 1, "@LockOwner");
    bool session = owner != NULL && pg_strcasecmp(owner, "Session") == 0;
    LOCKTAG tag;

    application_tag(&tag, resource);
    for (int i = 0; i < lengthof(modes); i++)
        if (pgcompat_lock_held(&tag, modes[i])) {
            LockRelease(&tag, modes[i], session);
            call->return_status = 0;
            return;
        }
    tsql_error(ERR_1223, resource);
}

/* ---- sp_set_session_context ---- */

static Datum
variant_of(const ProcedureArgument *argument)
{
    return argument->type.id == SQL_VARIANT ? argument->value
                                            : variant_make(&argument->type, argument->value);
}

static void
procedure_set_session_context(ProcedureCall *call)
{
    const char *key = procedure_text(call, 0, "@key");
    const ProcedureArgument *value = procedure_argument(call, 1, "@value");
    bool is_null = value == NULL || value->is_null || value->is_default;

    if (key == NULL || *key == '\0' || value == NULL)
        tsql_error(ERR_225, "procedure", "sp_set_session_context");
    session_value_set(key, is_null ? (Datum) 0 : variant_of(value), is_null,
                      procedure_int(call, 2, "@read_only", 0) != 0);
    call->return_status = 0;
}

/* ---- registration ---- */

/* The catalogue is the engine's: changes run with its rights, after the checks. */
#define AS_ENGINE(name)                                                                            \
    static void engine_##name(ProcedureCall *call)                                                 \
    {                                                                                              \
        Oid user;                                                                                  \
        int security;                                                                              \
                                                                                                   \
        GetUserIdAndSecContext(&user, &security);                                                  \
        SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);    \
        procedure_##name(call);                                                                    \
        SetUserIdAndSecContext(user, security);                                                    \
    }

AS_ENGINE(rename)
AS_ENGINE(addextendedproperty)
AS_ENGINE(updateextendedproperty)
AS_ENGINE(dropextendedproperty)
AS_ENGINE(refreshview)
AS_ENGINE(configure_set)

void
system_procedures_register(void)
{
    static const SystemProcedureEntry entries[] = {
        {"sp_rename", 0, engine_rename},
        {"sp_addextendedproperty", 0, engine_addextendedproperty},
        {"sp_updateextendedproperty", 0, engine_updateextendedproperty},
        {"sp_dropextendedproperty", 0, engine_dropextendedproperty},
        {"sp_refreshview", 0, engine_refreshview},
        {"sp_refreshsqlmodule", 0, engine_refreshview},
        {"sp_configure_set", 0, engine_configure_set},
        {"sp_set_session_context", 0, procedure_set_session_context},
        {"sp_getapplock", 0, procedure_getapplock},
        {"sp_releaseapplock", 0, procedure_releaseapplock},
    };

    procedures_register(entries, lengthof(entries));
}
