/*
 * Checking and setting the passwords of logins. See password.h.
 */
#include "postgres.h"

#include "catalogue/password.h"

#include "access/htup_details.h"
#include "catalog/pg_authid.h"
#include "catalogue/catalog.h"
#include "catalogue/tables.h"
#include "commands/user.h"
#include "common/saslprep.h"
#include "common/scram-common.h"
#include "errors/errors.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "parser/parser.h"
#include "pgcompat/process.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define KEY_LENGTH 32

PG_FUNCTION_INFO_V1(casement_set_login_password);
PG_FUNCTION_INFO_V1(casement_check_login_password);

/*
 * SCRAM's SaltedPassword is PBKDF2: OpenSSL's own loop takes a third of the time of the server's,
 * and this is most of what a login costs.
 */
static bool
derive_server_key(const char *password,
                  const uint8 *salt,
                  int salt_length,
                  int iterations,
                  uint8 server_key[KEY_LENGTH])
{
    uint8 salted[KEY_LENGTH];
    unsigned length = KEY_LENGTH;
    char *prepared = NULL;
    bool done;

    if (pg_saslprep(password, &prepared) != SASLPREP_SUCCESS)
        prepared = pstrdup(password);
    done = PKCS5_PBKDF2_HMAC(prepared, (int) strlen(prepared), salt, salt_length, iterations,
                             EVP_sha256(), KEY_LENGTH, salted) == 1 &&
           HMAC(EVP_sha256(), salted, KEY_LENGTH, (const unsigned char *) "Server Key",
                strlen("Server Key"), server_key, &length) != NULL;
    OPENSSL_cleanse(salted, sizeof(salted));
    OPENSSL_cleanse(prepared, strlen(prepared));
    pfree(prepared);
    return done;
}

bool
password_verify(const char *password, const char *secret)
{
    uint8 stored_key[KEY_LENGTH], server_key[KEY_LENGTH], computed[KEY_LENGTH];
    uint8 salt[256] = {0};
    int iterations = 4096, salt_length = 16;
    char *encoded = NULL;
    bool usable = secret != NULL &&
                  pgcompat_parse_scram(secret, &iterations, &encoded, stored_key, server_key);

    if (usable) {
        salt_length = pgcompat_base64_decode(encoded, salt, sizeof(salt));
        usable = salt_length > 0;
    }
    if (!usable)
        salt_length = 16;
    if (!derive_server_key(password, salt, salt_length, iterations, computed))
        return false;
    return usable && CRYPTO_memcmp(computed, server_key, KEY_LENGTH) == 0;
}

char *
password_secret(const char *password)
{
    return pg_be_scram_build_secret(password);
}

char *
password_of_role(Oid role)
{
    HeapTuple tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
    char *secret = NULL;
    Datum value;
    bool is_null;

    if (!HeapTupleIsValid(tuple))
        return NULL;
    value = SysCacheGetAttr(AUTHOID, tuple, Anum_pg_authid_rolpassword, &is_null);
    if (!is_null)
        secret = TextDatumGetCString(value);
    ReleaseSysCache(tuple);
    return secret;
}

/* CREATE or ALTER ROLE ... PASSWORD 'secret' by its tree: the text never exists. */
static Oid
put_role(const char *role_name, char *secret)
{
    DefElem *password = makeDefElem("password", (Node *) makeString(secret), -1);
    Oid role = get_role_oid(role_name, true);

    if (OidIsValid(role)) {
        AlterRoleStmt *statement = makeNode(AlterRoleStmt);
        RoleSpec *spec = makeNode(RoleSpec);

        spec->roletype = ROLESPEC_CSTRING;
        spec->rolename = pstrdup(role_name);
        statement->role = spec;
        statement->options = list_make1(password);
        statement->action = 1;
        return AlterRole(NULL, statement);
    } else {
        CreateRoleStmt *statement = makeNode(CreateRoleStmt);

        statement->stmt_type = ROLESTMT_USER;
        statement->role = pstrdup(role_name);
        statement->options = list_make1(password);
        return CreateRole(NULL, statement);
    }
}

static void
set_role_of_login(int32 login, Oid role)
{
    CatalogScan scan;
    CatalogRow row;

    catalog_scan_begin(&scan, TABLE_server_principals, "server_principals_pkey", true);
    catalog_scan_key_int(&scan, COL_server_principals_id, login);
    if (catalog_scan_next(&scan)) {
        catalog_row_init(&row, TABLE_server_principals);
        catalog_row_oid(&row, COL_server_principals_role, role);
        catalog_scan_update(&scan, &row);
    }
    catalog_scan_end(&scan);
}

void
password_set(const char *name, const char *password)
{
    CatalogPrincipal login;
    char *secret = password_secret(password);
    Oid user, role;
    int security;

    if (!catalog_login_by_name(name, &login))
        tsql_error(ERR_15151, "alter", "login", name);
    GetUserIdAndSecContext(&user, &security);
    SetUserIdAndSecContext(BOOTSTRAP_SUPERUSERID, security | SECURITY_LOCAL_USERID_CHANGE);
    role = put_role(catalog_pg_name(login.name), secret);
    SetUserIdAndSecContext(user, security);
    if (login.role != role)
        set_role_of_login(login.id, role);
    catalog_changed();
}

/* casement.set_login_password(name text, password text): for casement serve, as superuser. */
Datum
casement_set_login_password(PG_FUNCTION_ARGS)
{
    char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
    char *password = text_to_cstring(PG_GETARG_TEXT_PP(1));

    if (!superuser())
        ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                        errmsg("only the superuser may do that")));
    password_set(name, password);
    OPENSSL_cleanse(password, strlen(password));
    PG_RETURN_VOID();
}

/* casement.check_login_password(name text, password text) */
Datum
casement_check_login_password(PG_FUNCTION_ARGS)
{
    char *name = text_to_cstring(PG_GETARG_TEXT_PP(0));
    char *password = text_to_cstring(PG_GETARG_TEXT_PP(1));
    CatalogPrincipal login;

    if (!superuser())
        ereport(ERROR, (errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                        errmsg("only the superuser may do that")));
    PG_RETURN_BOOL(catalog_login_by_name(name, &login) &&
                   password_verify(password, password_of_role(login.role)));
}
