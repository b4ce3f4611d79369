/*
 * Logins, users, roles and who may do what. What a user may do is loaded once into one entry: the
 * closure of its roles and all GRANTs and DENYs to it, to them and to public.
 */
#include "postgres.h"

#include "catalogue/cache.h"
#include "utils/memutils.h"

CatalogWhoHook catalog_who_hook = NULL;

#define ROLE_SYSADMIN 3
#define ROLE_DB_OWNER 16384
#define ROLE_DB_DDLADMIN 16387
#define ROLE_DB_DATAREADER 16390
#define ROLE_DB_DATAWRITER 16391
#define ROLE_DB_DENYDATAREADER 16392
#define ROLE_DB_DENYDATAWRITER 16393

/* ---- logins and users ---- */

static CatalogPrincipal *
login_from_row(CatalogCache *cache, const CatalogScan *scan)
{
    CatalogPrincipal *login =
        MemoryContextAllocZero(catalog_cache_memory(cache), sizeof(CatalogPrincipal));
    char *type = catalog_field_text(scan, COL_server_principals_type);

    login->id = catalog_field_int(scan, COL_server_principals_id);
    login->name = catalog_cache_strdup(cache, catalog_field_text(scan, COL_server_principals_name));
    login->type = type[0];
    login->default_database = catalog_cache_strdup(
        cache, catalog_field_text(scan, COL_server_principals_default_database));
    login->disabled = catalog_field_bool(scan, COL_server_principals_disabled);
    login->role = catalog_field_oid(scan, COL_server_principals_role);
    login->must_change = catalog_field_bool(scan, COL_server_principals_must_change);
    login->policy_checked = catalog_field_bool(scan, COL_server_principals_policy_checked);
    login->locked = catalog_field_bool(scan, COL_server_principals_locked);
    login->wrong_passwords = catalog_field_int(scan, COL_server_principals_wrong_passwords);
    return login;
}

bool
catalog_login_by_name(const char *name, CatalogPrincipal *login)
{
    CatalogCache *cache = catalog_cache_shared();
    char *key = sql_identifier_fold(name, sql_collation_default());
    CatalogScan scan;
    void *value;

    if (!catalog_cache_get_name(cache, CACHE_LOGIN, 0, 0, key, &value)) {
        catalog_scan_begin(&scan, TABLE_server_principals, "server_principals_key", false);
        catalog_scan_key_text(&scan, COL_server_principals_key, key);
        if (catalog_scan_next(&scan))
            value = login_from_row(cache, &scan);
        catalog_scan_end(&scan);
        catalog_cache_put_name(cache, CACHE_LOGIN, 0, 0, key, value);
    }
    if (value != NULL)
        *login = *(CatalogPrincipal *) value;
    return value != NULL;
}

bool
catalog_login(int32 id, CatalogPrincipal *login)
{
    CatalogCache *cache = catalog_cache_shared();
    CatalogScan scan;
    void *value;

    if (!catalog_cache_get_id(cache, CACHE_LOGIN, 0, id, &value)) {
        catalog_scan_begin(&scan, TABLE_server_principals, "server_principals_pkey", false);
        catalog_scan_key_int(&scan, COL_server_principals_id, id);
        if (catalog_scan_next(&scan))
            value = login_from_row(cache, &scan);
        catalog_scan_end(&scan);
        catalog_cache_put_id(cache, CACHE_LOGIN, 0, id, value);
    }
    if (value != NULL)
        *login = *(CatalogPrincipal *) value;
    return value != NULL;
}

static CatalogPrincipal *
user_from_row(CatalogCache *cache, const CatalogScan *scan)
{
    CatalogPrincipal *user =
        MemoryContextAllocZero(catalog_cache_memory(cache), sizeof(CatalogPrincipal));
    char *type = catalog_field_text(scan, COL_database_principals_type);

    user->id = catalog_field_int(scan, COL_database_principals_id);
    user->name =
        catalog_cache_strdup(cache, catalog_field_text(scan, COL_database_principals_name));
    user->type = type[0];
    user->login = catalog_field_int(scan, COL_database_principals_login);
    user->default_schema = catalog_cache_strdup(
        cache, catalog_field_text(scan, COL_database_principals_default_schema));
    return user;
}

bool
catalog_user_by_name(int32 database, const char *name, CatalogPrincipal *user)
{
    CatalogCache *cache = catalog_cache_shared();
    char *key = sql_identifier_fold(name, catalog_database_collation(database));
    CatalogScan scan;
    void *value;

    if (!catalog_cache_get_name(cache, CACHE_USER, database, 0, key, &value)) {
        catalog_scan_begin(&scan, TABLE_database_principals, "database_principals_key", false);
        catalog_scan_key_int(&scan, COL_database_principals_database, database);
        catalog_scan_key_text(&scan, COL_database_principals_key, key);
        if (catalog_scan_next(&scan))
            value = user_from_row(cache, &scan);
        catalog_scan_end(&scan);
        catalog_cache_put_name(cache, CACHE_USER, database, 0, key, value);
    }
    if (value != NULL)
        *user = *(CatalogPrincipal *) value;
    return value != NULL;
}

bool
catalog_user(int32 database, int32 id, CatalogPrincipal *user)
{
    CatalogScan scan;
    bool found;

    catalog_scan_begin(&scan, TABLE_database_principals, "database_principals_id", false);
    catalog_scan_key_int(&scan, COL_database_principals_database, database);
    catalog_scan_key_int(&scan, COL_database_principals_id, id);
    found = catalog_scan_next(&scan);
    if (found)
        *user = *user_from_row(catalog_cache_shared(), &scan);
    catalog_scan_end(&scan);
    return found;
}

/* Whether public or guest may connect: guest has CONNECT (type CO). */
static bool
guest_enabled(int32 database)
{
    CatalogScan scan;
    bool enabled = false;

    if (database == DATABASE_MASTER || database == DATABASE_TEMPDB || database == DATABASE_MSDB)
        return true;
    catalog_scan_begin(&scan, TABLE_permissions, "permissions_grantee", false);
    catalog_scan_key_int(&scan, COL_permissions_database, database);
    catalog_scan_key_int(&scan, COL_permissions_grantee, PRINCIPAL_GUEST);
    while (catalog_scan_next(&scan)) {
        char *type = catalog_field_text(&scan, COL_permissions_type);
        char *state = catalog_field_text(&scan, COL_permissions_state);

        if (strcmp(type, "CO") == 0)
            enabled = state[0] != 'D';
    }
    catalog_scan_end(&scan);
    return enabled;
}

static CatalogPrincipal *
find_user_of_login(CatalogCache *cache, int32 database, int32 login)
{
    const CatalogDatabase *found = catalog_database(database);
    CatalogPrincipal special;
    CatalogPrincipal *user = NULL;
    CatalogScan scan;

    if (found == NULL)
        return NULL;
    if (catalog_is_sysadmin(login) || found->owner == login) {
        if (!catalog_user(database, PRINCIPAL_DBO, &special))
            return NULL;
    } else {
        catalog_scan_begin(&scan, TABLE_database_principals, "database_principals_login", false);
        catalog_scan_key_int(&scan, COL_database_principals_database, database);
        catalog_scan_key_int(&scan, COL_database_principals_login, login);
        if (catalog_scan_next(&scan))
            user = user_from_row(cache, &scan);
        catalog_scan_end(&scan);
        if (user != NULL)
            return user;
        if (!guest_enabled(database) || !catalog_user(database, PRINCIPAL_GUEST, &special))
            return NULL;
    }
    user = MemoryContextAlloc(catalog_cache_memory(cache), sizeof(CatalogPrincipal));
    *user = special;
    user->name = catalog_cache_strdup(cache, special.name);
    user->default_schema = catalog_cache_strdup(cache, special.default_schema);
    return user;
}

bool
catalog_user_of_login(int32 database, int32 login, CatalogPrincipal *user)
{
    CatalogCache *cache = catalog_cache_shared();
    void *value;

    if (!catalog_cache_get_id(cache, CACHE_USER, database, login, &value)) {
        value = find_user_of_login(cache, database, login);
        catalog_cache_put_id(cache, CACHE_USER, database, login, value);
    }
    if (value != NULL)
        *user = *(CatalogPrincipal *) value;
    return value != NULL;
}

/* ---- roles ---- */

typedef struct Grant {
    int16 class;
    int32 major, minor;
    bool deny;
    const char *permission;
} Grant;

typedef struct Rights {
    int role_count, grant_count;
    int32 *roles; /* itself first, then every role it is in, public last */
    Grant *grants;
} Rights;

/* The principal and all roles that it is in, directly or through roles. */
static List *
role_closure(int32 database, int32 member)
{
    List *known = list_make1_int(member);

    for (int i = 0; i < list_length(known); i++) {
        CatalogScan scan;

        catalog_scan_begin(&scan, TABLE_role_members, NULL, false);
        catalog_scan_key_int(&scan, COL_role_members_database, database);
        catalog_scan_key_int(&scan, COL_role_members_member, list_nth_int(known, i));
        while (catalog_scan_next(&scan))
            known = list_append_unique_int(known, catalog_field_int(&scan, COL_role_members_role));
        catalog_scan_end(&scan);
    }
    return known;
}

static List *
grants_to(CatalogCache *cache, int32 database, int32 grantee, List *grants)
{
    CatalogScan scan;

    catalog_scan_begin(&scan, TABLE_permissions, "permissions_grantee", false);
    catalog_scan_key_int(&scan, COL_permissions_database, database);
    catalog_scan_key_int(&scan, COL_permissions_grantee, grantee);
    while (catalog_scan_next(&scan)) {
        Grant *grant = palloc(sizeof(Grant));
        char *state = catalog_field_text(&scan, COL_permissions_state);

        grant->class = catalog_field_int(&scan, COL_permissions_class);
        grant->major = catalog_field_int(&scan, COL_permissions_major);
        grant->minor = catalog_field_int(&scan, COL_permissions_minor);
        grant->deny = state[0] == 'D';
        grant->permission =
            catalog_cache_strdup(cache, catalog_field_text(&scan, COL_permissions_permission));
        grants = lappend(grants, grant);
    }
    catalog_scan_end(&scan);
    return grants;
}

/* database 0: of a login. */
static const Rights *
rights_of(int32 database, int32 principal)
{
    CatalogCache *cache = catalog_cache_shared();
    int32 public_role = database ? PRINCIPAL_PUBLIC : 2;
    List *roles, *grants = NIL;
    ListCell *cell;
    Rights *rights;
    void *value;
    int i = 0;

    if (catalog_cache_get_id(cache, CACHE_PERMISSION, database, principal, &value))
        return value;
    roles = list_append_unique_int(role_closure(database, principal), public_role);
    foreach (cell, roles)
        grants = grants_to(cache, database, lfirst_int(cell), grants);
    rights = MemoryContextAllocZero(catalog_cache_memory(cache), sizeof(Rights));
    rights->roles =
        MemoryContextAlloc(catalog_cache_memory(cache), list_length(roles) * sizeof(int32));
    rights->grants =
        MemoryContextAlloc(catalog_cache_memory(cache), (list_length(grants) + 1) * sizeof(Grant));
    foreach (cell, roles)
        rights->roles[rights->role_count++] = lfirst_int(cell);
    foreach (cell, grants)
        rights->grants[i++] = *(Grant *) lfirst(cell);
    rights->grant_count = i;
    catalog_cache_put_id(cache, CACHE_PERMISSION, database, principal, rights);
    return rights;
}

static bool
has_role(const Rights *rights, int32 role)
{
    for (int i = 0; i < rights->role_count; i++)
        if (rights->roles[i] == role)
            return true;
    return false;
}

bool
catalog_is_role_member(int32 database, int32 role, int32 member)
{
    return has_role(rights_of(database, member), role);
}

bool
catalog_is_server_role_member(int32 role, int32 login)
{
    const Rights *rights = rights_of(0, login);

    return has_role(rights, role) || login == LOGIN_SA || has_role(rights, ROLE_SYSADMIN);
}

bool
catalog_is_sysadmin(int32 login)
{
    return login == LOGIN_SA || has_role(rights_of(0, login), ROLE_SYSADMIN);
}

/* ---- permissions ---- */

/* 1 granted, -1 denied, 0 not said. */
static int
said(const Rights *rights, int class, int32 major, int32 minor, const char *permission)
{
    int answer = 0;

    for (int i = 0; i < rights->grant_count; i++) {
        const Grant *grant = &rights->grants[i];

        if (grant->class != class || grant->major != major || grant->minor != minor)
            continue;
        if (strcmp(grant->permission, permission) != 0 && strcmp(grant->permission, "CONTROL") != 0)
            continue;
        if (grant->deny)
            return -1;
        answer = 1;
    }
    return answer;
}

static bool
is_data_change(const char *permission)
{
    return strcmp(permission, "INSERT") == 0 || strcmp(permission, "UPDATE") == 0 ||
           strcmp(permission, "DELETE") == 0;
}

/* What the fixed database roles say of a permission on any table or view. */
static int
fixed_roles_say(const Rights *rights, const char *permission)
{
    bool reads = strcmp(permission, "SELECT") == 0, changes = is_data_change(permission);

    if ((reads && has_role(rights, ROLE_DB_DENYDATAREADER)) ||
        (changes && has_role(rights, ROLE_DB_DENYDATAWRITER)))
        return -1;
    if ((reads && has_role(rights, ROLE_DB_DATAREADER)) ||
        (changes && has_role(rights, ROLE_DB_DATAWRITER)))
        return 1;
    if ((strcmp(permission, "ALTER") == 0 || strncmp(permission, "CREATE ", 7) == 0) &&
        has_role(rights, ROLE_DB_DDLADMIN))
        return 1;
    return 0;
}

/* Whether the asker is above all checks; else its rights in the database. */
static bool
is_above_checks(int32 database, const Rights **rights)
{
    int32 login, user;

    if (catalog_who_hook == NULL)
        return true;
    catalog_who_hook(database, &login, &user);
    if (user == PRINCIPAL_DBO || catalog_is_sysadmin(login))
        return true;
    *rights = rights_of(database, user);
    return has_role(*rights, ROLE_DB_OWNER);
}

bool
catalog_permission_check(const CatalogObject *object, const char *permission, int32 column_id)
{
    const Rights *rights = NULL;
    int verdicts[5], count = 0;
    bool granted = false;
    int32 owner;

    if (object->is_system || object->is_temporary || is_above_checks(object->database, &rights))
        return true;
    owner = catalog_schema_owner(object->database, object->schema);
    if (owner != PRINCIPAL_DBO && has_role(rights, owner))
        return true;
    if (column_id != 0) {
        int column = said(rights, 1, object->id, column_id, permission);

        /* what is said of a column overrides what is said of the table */
        if (column != 0)
            return column > 0;
    }
    verdicts[count++] = said(rights, 1, object->id, 0, permission);
    verdicts[count++] = said(rights, 3, object->schema, 0, permission);
    verdicts[count++] = said(rights, 0, 0, 0, permission);
    if (object->type == CATALOG_TABLE || object->type == CATALOG_VIEW ||
        object->type == CATALOG_INLINE_FUNCTION || object->type == CATALOG_TABLE_FUNCTION ||
        strcmp(permission, "ALTER") == 0)
        verdicts[count++] = fixed_roles_say(rights, permission);
    for (int i = 0; i < count; i++) {
        if (verdicts[i] < 0)
            return false;
        granted |= verdicts[i] > 0;
    }
    return granted;
}

bool
catalog_database_permission_check(int32 database, const char *permission)
{
    const Rights *rights = NULL;
    int verdict;

    if (is_above_checks(database, &rights))
        return true;
    verdict = said(rights, 0, 0, 0, permission);
    if (verdict == 0)
        verdict = fixed_roles_say(rights, permission);
    return verdict > 0;
}

bool
catalog_server_permission_check(const char *permission)
{
    int32 login, user;

    if (catalog_who_hook == NULL)
        return true;
    catalog_who_hook(DATABASE_MASTER, &login, &user);
    return catalog_is_sysadmin(login) || said(rights_of(0, login), 100, 0, 0, permission) > 0;
}

bool
catalog_may_impersonate(int32 database, int32 principal)
{
    const Rights *rights = NULL;
    int32 login, user;

    if (catalog_who_hook == NULL)
        return true;
    if (database != 0) {
        catalog_who_hook(database, &login, &user);
        return user == principal || is_above_checks(database, &rights) ||
               said(rights, 4, principal, 0, "IMPERSONATE") > 0;
    }
    catalog_who_hook(DATABASE_MASTER, &login, &user);
    if (login == principal || catalog_is_sysadmin(login))
        return true;
    rights = rights_of(0, login);
    return said(rights, 100, 0, 0, "CONTROL SERVER") > 0 ||
           said(rights, 101, principal, 0, "IMPERSONATE") > 0;
}

char *
catalog_user_sid_name(int32 database, int32 user)
{
    CatalogScan scan;
    uint32 parts[4] = {0};

    catalog_scan_begin(&scan, TABLE_database_principals, "database_principals_id", false);
    catalog_scan_key_int(&scan, COL_database_principals_database, database);
    catalog_scan_key_int(&scan, COL_database_principals_id, user);
    if (catalog_scan_next(&scan)) {
        bool is_null;
        Datum sid = catalog_field(&scan, COL_database_principals_sid, &is_null);

        if (!is_null) {
            bytea *bytes = DatumGetByteaPP(sid);

            memcpy(parts, VARDATA_ANY(bytes), Min(VARSIZE_ANY_EXHDR(bytes), sizeof(parts)));
        }
    }
    catalog_scan_end(&scan);
    return psprintf("S-1-9-3-%u-%u-%u-%u", parts[0], parts[1], parts[2], parts[3]);
}

bool
catalog_login_may_connect(int32 login)
{
    return catalog_is_sysadmin(login) || said(rights_of(0, login), 100, 0, 0, "CONNECT SQL") >= 0;
}

void
catalog_login_note_password(int32 login, int32 wrong_passwords, bool locked, bool must_change)
{
    CatalogScan scan;
    CatalogRow row;

    catalog_scan_begin(&scan, TABLE_server_principals, "server_principals_pkey", true);
    catalog_scan_key_int(&scan, COL_server_principals_id, login);
    if (catalog_scan_next(&scan)) {
        catalog_row_init(&row, TABLE_server_principals);
        catalog_row_int(&row, COL_server_principals_wrong_passwords, wrong_passwords);
        catalog_row_bool(&row, COL_server_principals_locked, locked);
        catalog_row_bool(&row, COL_server_principals_must_change, must_change);
        catalog_scan_update(&scan, &row);
    }
    catalog_scan_end(&scan);
    catalog_changed();
}
