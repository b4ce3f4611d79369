/*
 * How a connection begins: PRELOGIN, the TLS handshake, LOGIN7, the password, the login's role and
 * database, and the reply. Everything before the password was right is bounded in time by
 * casement.login_timeout, and every refusal is told to the client in SQL Server's words while the
 * server's log says the real reason.
 */
#include "postgres.h"

#include "session/session.h"

#include "access/xact.h"
#include "catalogue/catalog.h"
#include "catalogue/password.h"
#include "commands/user.h"
#include "context/context.h"
#include "context/counters.h"
#include "errors/errors.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgcompat/process.h"
#include "pgstat.h"
#include "session/settings.h"
#include "session/sink.h"
#include "session/table.h"
#include "session/tls.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "tds/login7.h"
#include "tds/prelogin.h"
#include "utils/acl.h"
#include "utils/backend_status.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#define FAILURE_DELAY_MS 700 /* after a wrong password: guessing is slow */
#define OBJECTS_ROLE "casement_objects"

static TimestampTz login_deadline;

static long
time_left(void)
{
    return TimestampDifferenceMilliseconds(GetCurrentTimestamp(), login_deadline);
}

/* Waits without using the processor, serving interrupts. */
static void
pause_for(long ms)
{
    TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(), ms);
    long left;

    while ((left = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), until)) > 0) {
        WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, left,
                  PG_WAIT_EXTENSION);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    }
}

static const char *
client(void)
{
    return session_info->client_address;
}

/* The next whole message before the deadline; false: there is none, logged where it says much. */
static bool
next_message(const char *what)
{
    long left = time_left();
    TransportEvent event = left > 0 ? transport_receive(left, true) : TRANSPORT_TIMEOUT;

    if (event == TRANSPORT_MESSAGE)
        return true;
    if (event == TRANSPORT_TIMEOUT)
        ereport(LOG, (errmsg("client %s did not send %s in time", client(), what)));
    else if (event == TRANSPORT_BROKEN)
        ereport(LOG,
                (errmsg("client %s does not speak TDS: %s", client(), transport_in()->detail)));
    return false;
}

/* ---- PRELOGIN and TLS ---- */

static void
put_prelogin_reply(uint8 encryption)
{
    TdsPreloginReply reply = {
        .version = {PRODUCT_MAJOR, 0, PRODUCT_BUILD >> 8, PRODUCT_BUILD & 0xFF},
        .sub_build = PRODUCT_SUB_BUILD,
        .encryption = encryption,
        .instance_matches = true,
        .mars = false,
    };

    tds_put_prelogin(transport_out(), &reply);
    tds_out_end_message(transport_out());
}

static bool
is_loopback(void)
{
    return strcmp(client(), "127.0.0.1") == 0 || strcmp(client(), "::1") == 0 ||
           strncmp(client(), "::ffff:127.", 11) == 0;
}

/* A password in clear is taken from this machine only, unless encryption is off altogether. */
static bool
plain_login_allowed(void)
{
    return setting_encryption == ENCRYPTION_OFF ||
           (setting_encryption == ENCRYPTION_LOGIN && is_loopback());
}

static void
note_connection_id(const TdsPrelogin *prelogin)
{
    session_change_begin();
    if (prelogin->has_trace_id)
        memcpy(session_info->connection_id, prelogin->connection_id, 16);
    else if (!pg_strong_random(session_info->connection_id, 16))
        memset(session_info->connection_id, 0, 16);
    session_change_end();
}

/* Answers PRELOGIN (at hand) and does what it settles on; *use tells what follows LOGIN7. */
static bool
answer_prelogin(bool strict, TdsEncryptionUse *use)
{
    TdsIn *in = transport_in();
    TdsPrelogin prelogin;
    TdsReader reader;
    uint8 answer;

    tds_reader_init(&reader, in->data, in->length);
    if (!tds_prelogin_parse(&reader, &prelogin)) {
        ereport(LOG, (errmsg("client %s sent a broken PRELOGIN: %s", client(), reader.detail)));
        reply_error(ERR_17828, 1, "");
        reply_finish_with_error();
        return false;
    }
    note_connection_id(&prelogin);
    transport_next();
    if (strict) {
        *use = TDS_USE_TLS;
        put_prelogin_reply(prelogin.has_encryption ? prelogin.encryption : TDS_ENCRYPT_ON);
        return true;
    }
    *use = tds_prelogin_encryption(&prelogin, tls_available(),
                                   setting_encryption == ENCRYPTION_REQUIRED, &answer);
    if (*use == TDS_USE_NO_TLS && !plain_login_allowed()) {
        *use = TDS_USE_REFUSE;
        answer = TDS_ENCRYPT_REQ;
    }
    put_prelogin_reply(answer);
    if (*use == TDS_USE_REFUSE) {
        ereport(LOG, (errmsg("client %s cannot encrypt as the server requires", client())));
        return false;
    }
    return *use == TDS_USE_NO_TLS || transport_start_tls(false, time_left());
}

/* Everything up to the LOGIN7 message, which is at hand then. */
static bool
reach_login(TdsEncryptionUse *use)
{
    bool strict = false;

    if (transport_sniff(time_left(), &strict) != TRANSPORT_MESSAGE)
        return false;
    if (strict && (!tls_available() || !transport_start_tls(true, time_left())))
        return false;
    *use = strict ? TDS_USE_TLS : TDS_USE_NO_TLS;
    if (!next_message("PRELOGIN"))
        return false;
    if (transport_in()->type == TDS_PACKET_PRELOGIN) {
        if (!answer_prelogin(strict, use) || !next_message("LOGIN7"))
            return false;
    } else if (!strict && !plain_login_allowed()) {
        ereport(LOG, (errmsg("client %s did not negotiate encryption", client())));
        return false;
    }
    if (transport_in()->type != TDS_PACKET_LOGIN7) {
        ereport(LOG, (errmsg("client %s sent message type %d in the place of LOGIN7", client(),
                             transport_in()->type)));
        return false;
    }
    return true;
}

/* ---- refusing ---- */

/* What the log says is in SQL Server's form: the state tells an administrator the reason. */
static bool
refuse(TsqlErrorNumber number, int state, const TdsLogin *login, const char *reason)
{
    const char *name = login->user_name.data != NULL ? login->user_name.data : "";

    ereport(LOG, (errmsg("login failed for user \"%s\" (error %d, state %d): %s; client %s", name,
                         number, state, reason, client())));
    if (number == ERR_18452)
        reply_error(number, 1, "");
    else
        reply_error(number, 1, name, "", "");
    reply_finish_with_error();
    return false;
}

/* Whether this is a login that we can do at all. */
static bool
check_form(const TdsLogin *login)
{
    if (session.refused) {
        reply_error(ERR_17809, 1, session_table_limit(), "");
        reply_finish_with_error();
        ereport(LOG, (errmsg("client %s refused: too many sessions", client())));
        return false;
    }
    if (login->version == 0) {
        reply_message(18456, 14, 1, "The client's protocol version is too old.");
        reply_finish_with_error();
        return false;
    }
    if (login->big_endian || login->ebcdic || login->float_format != 0)
        return refuse(ERR_18456, 1, login, "its number formats are not spoken here");
    if (login->integrated_security || login->sspi.length > 0)
        return refuse(ERR_18452, 1, login, "Windows authentication is not available");
    return true;
}

/* ---- the login's identity ---- */

/*
 * The session user is the login's role, as pg_stat_activity and PostgreSQL's logs show it. What it
 * may do is decided by T-SQL's rules, so all logins run as one unprivileged owner of all objects.
 */
static void
become(const CatalogPrincipal *login)
{
    SetSessionAuthorization(login->role, false);
    SetCurrentRoleId(get_role_oid(OBJECTS_ROLE, false), false);
    MyProc->roleId = login->role;
    if (MyBEEntry != NULL) {
        PGSTAT_BEGIN_WRITE_ACTIVITY(MyBEEntry);
        MyBEEntry->st_userid = login->role;
        PGSTAT_END_WRITE_ACTIVITY(MyBEEntry);
    }
    MyProcPort->user_name = MemoryContextStrdup(TopMemoryContext, login->name);
}

static const char *
keep(const TdsText *text)
{
    return text->data != NULL ? MemoryContextStrdup(session_memory, text->data) : "";
}

static void
fill_context(const TdsLogin *login, const CatalogPrincipal *principal)
{
    SessionContext *context = session_context;

    context->spid = session_info->spid;
    context->login_id = principal->id;
    context->login_name = context->original_login =
        MemoryContextStrdup(session_memory, principal->name);
    context->is_sysadmin = catalog_is_sysadmin(principal->id);
    context->host_name = keep(&login->host_name);
    context->program_name = keep(&login->app_name);
    context->client_interface = keep(&login->library_name);
    context->client_pid = (int) login->client_pid;
    context->tds_version = login->version;
    context->login_time = GetCurrentTimestamp();
    /* DB-Library's defaults are older than the standard's. */
    if (!login->odbc && !login->oledb)
        context->options_at_login &=
            ~(OPTION_QUOTED_IDENTIFIER | OPTION_ANSI_NULLS | OPTION_ANSI_PADDING |
              OPTION_ANSI_WARNINGS | OPTION_CONCAT_NULL_YIELDS_NULL | OPTION_ANSI_NULL_DFLT_ON);
    context->options = context->options_at_login;
}

static void
copy_name(char *to, size_t room, const char *from)
{
    size_t length = strlen(from);

    if (length >= room)
        length = pg_mbcliplen(from, (int) length, (int) room - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

static void
fill_table(void)
{
    const SessionContext *context = session_context;
    SessionInfo *info = session_info;

    session_change_begin();
    counter_add(COUNTER_LOGINS, 1);
    info->login_time = context->login_time;
    info->request_start = info->request_end = info->last_read = info->last_write =
        context->login_time;
    info->login_id = context->login_id;
    copy_name(info->login_name, sizeof(info->login_name), context->login_name);
    copy_name(info->original_login, sizeof(info->original_login), context->original_login);
    copy_name(info->host_name, sizeof(info->host_name), context->host_name);
    copy_name(info->program_name, sizeof(info->program_name), context->program_name);
    copy_name(info->client_interface, sizeof(info->client_interface), context->client_interface);
    info->client_pid = context->client_pid;
    info->tds_version = session.version;
    info->encrypted = transport_encrypted();
    info->packet_size = (int32) session.packet_size;
    info->database = context->database;
    info->isolation_level = context->isolation_level;
    info->options = context->options;
    info->lock_timeout = context->lock_timeout;
    info->status = SESSION_SLEEPING;
    strlcpy(info->command, "AWAITING COMMAND", sizeof(info->command));
    session_change_end();
}

/* Counts wrong passwords of logins that the policy is for. */
static void
note_wrong_password(const CatalogPrincipal *principal)
{
    int32 wrong = principal->wrong_passwords + 1;

    if (setting_lockout_threshold == 0 || !principal->policy_checked || principal->locked)
        return;
    catalog_login_note_password(principal->id, wrong, wrong >= setting_lockout_threshold,
                                principal->must_change);
}

/* What keeps a login out although its password may be right; false: told. */
static bool
may_enter(const TdsLogin *login, const CatalogPrincipal *principal)
{
    if (principal->disabled)
        return refuse(ERR_18470, 1, login, "the login is disabled");
    if (principal->must_change && login->new_password.length == 0)
        return refuse(ERR_18488, 1, login, "the password must be changed");
    if (!catalog_login_may_connect(principal->id))
        return refuse(ERR_18456, 12, login, "the login is denied CONNECT SQL");
    return true;
}

/* The password was right: what was wrong before is forgotten, and it may be changed. */
static void
note_right_password(const TdsLogin *login, const CatalogPrincipal *principal)
{
    bool change = login->change_password && login->new_password.length > 0;

    if (change)
        password_set(principal->name, login->new_password.data);
    if (principal->wrong_passwords > 0 || (change && principal->must_change)) {
        if (change)
            CommandCounterIncrement();
        catalog_login_note_password(principal->id, 0, false, false);
    }
}

/* Finds the login and checks its password; then the session is the login's. */
static bool
authenticate(const TdsLogin *login)
{
    CatalogPrincipal principal;
    bool known, right;
    char *secret = NULL;

    StartTransactionCommand();
    if (!catalog_is_installed()) {
        CommitTransactionCommand();
        return refuse(ERR_18401, 1, login, "the engine is being installed into the cluster");
    }
    known = login->user_name.data != NULL &&
            catalog_login_by_name(login->user_name.data, &principal) && principal.type == 'S';
    if (known && OidIsValid(principal.role))
        secret = password_of_role(principal.role);
    right = password_verify(login->password.data != NULL ? login->password.data : "", secret);
    if (known && principal.locked) {
        CommitTransactionCommand();
        pause_for(FAILURE_DELAY_MS);
        return refuse(ERR_18486, 1, login, "the login is locked out");
    }
    if (!known || !right) {
        if (known)
            note_wrong_password(&principal);
        CommitTransactionCommand();
        pause_for(FAILURE_DELAY_MS);
        return refuse(ERR_18456,
                      !known               ? 5
                      : principal.disabled ? 7
                                           : 8,
                      login, known ? "the password does not match" : "there is no such login");
    }
    if (!may_enter(login, &principal)) {
        CommitTransactionCommand();
        return false;
    }
    note_right_password(login, &principal);
    become(&principal);
    fill_context(login, &principal);
    CommitTransactionCommand();
    return true;
}

/* ---- the reply ---- */

static void
put_login_acknowledgement(const TdsLogin *login)
{
    static const uint8 program_version[4] = {PRODUCT_MAJOR, 0, PRODUCT_BUILD >> 8,
                                             PRODUCT_BUILD & 0xFF};
    TdsFeatureAck acknowledgements[TDS_FEATURE_ACK_MAX];
    TdsOut *out = transport_out();

    tds_put_loginack(out, session.version, login->wire_version, PRODUCT_NAME, program_version);
    tds_put_env_packet_size(out, session.packet_size, TDS_DEFAULT_PACKET);
    if (login->extension_used && session.version >= TDS_7_4)
        tds_put_feature_ext_ack(out, acknowledgements,
                                tds_features_answer(login, NULL, acknowledgements));
    tds_put_done(out, session.version, TDS_TOKEN_DONE, TDS_DONE_FINAL, 0, 0);
    tds_out_end_message(out);
    tds_out_set_packet_size(out, session.packet_size);
}

/* The initial database and language with their tokens; on an error it is told and false. */
static bool
open_database(const TdsLogin *login, ResultSink *sink)
{
    MemoryContext context = CurrentMemoryContext;
    bool volatile opened = false;

    execute_begin(sink);
    PG_TRY();
    {
        execute_login_database(login->database.length > 0 ? login->database.data : NULL,
                               login->language.length > 0 ? login->language.data : NULL);
        opened = true;
    }
    PG_CATCH();
    {
        ErrorData *error;
        TsqlError told;

        MemoryContextSwitchTo(context);
        error = CopyErrorData();
        FlushErrorState();
        told = tsql_error_from_pg(error);
        tds_out_discard(transport_out());
        reply_message(told.number, told.severity, told.state, told.message);
        refuse(ERR_18456, login->database.length > 0 ? 38 : 40, login, told.message);
    }
    PG_END_TRY();
    execute_end();
    return opened;
}

static bool
log_in(TdsLogin *login, ResultSink *sink)
{
    char application[NAMEDATALEN];

    if (!check_form(login) || !authenticate(login))
        return false;
    session.packet_size = tds_login_packet_size(login);
    if (transport_encrypted())
        session.packet_size = Min(session.packet_size, TDS_MAX_PACKET_TLS);
    if (!open_database(login, sink))
        return false;
    copy_name(application, sizeof(application), session_context->program_name);
    SetConfigOption("application_name", application, PGC_USERSET, PGC_S_SESSION);
    session.logged_in = true;
    fill_table();
    put_login_acknowledgement(login);
    return true;
}

bool
session_login(void)
{
    TdsIn *in = transport_in();
    TdsMemory memory = transport_memory(MessageContext);
    TdsEncryptionUse use = TDS_USE_NO_TLS;
    TdsLogin login;
    const char *detail = NULL;
    TdsStatus status;
    bool done;

    login_deadline =
        TimestampTzPlusMilliseconds(GetCurrentTimestamp(), setting_login_timeout * 1000);
    pgstat_report_activity(STATE_RUNNING, "LOGIN");
    if (!reach_login(&use))
        return false;
    /* The reader of passwords works in place: the message is ours until transport_next. */
    status = tds_login_parse((uint8_t *) in->data, in->length, &memory, &login, &detail);
    if (use == TDS_USE_TLS_FOR_LOGIN)
        transport_stop_tls();
    if (status != TDS_OK) {
        ereport(LOG, (errmsg("client %s sent a broken LOGIN7: %s", client(),
                             detail != NULL ? detail : tds_status_name(status))));
        reply_error(ERR_17836, 20, "");
        reply_finish_with_error();
        return false;
    }
    session.version = login.version != 0 ? login.version : TDS_7_4;
    done = log_in(&login, sink_open());
    tds_login_wipe((uint8_t *) in->data, in->length, &login);
    transport_next();
    return done;
}
