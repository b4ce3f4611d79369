/*
 * From ordinary backend to session: the private statement, the wait in the pool, the socket's
 * arrival. See entry.h.
 */
#include "postgres.h"

#include "session/entry.h"
#include "session/settings.h"

#include "access/xact.h"
#include "commands/async.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "pgcompat/process.h"
#include "pgstat.h"
#include "plan/program.h"
#include "port/pg_bswap.h"
#include "postmaster/interrupt.h"
#include "session/bulk_load.h"
#include "session/dm_exec.h"
#include "session/session.h"
#include "session/table.h"
#include "session/tls.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/sinval.h"
#include "tcop/dest.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/guc.h"

#include <fcntl.h>
#include <sys/socket.h>

static ProcessUtility_hook_type next_utility;

/* Tells the listener that this backend waits, in PostgreSQL's framing. */
static bool
say_ready(int slot)
{
    char message[9] = {ENTRY_READY};
    uint32 word = pg_hton32(8);

    memcpy(message + 1, &word, 4);
    word = pg_hton32((uint32) slot);
    memcpy(message + 5, &word, 4);
    return send(MyProcPort->sock, message, sizeof(message), MSG_NOSIGNAL) == sizeof(message);
}

/* The socket that came with a byte; -1 with errno EAGAIN when nothing is there, 0 otherwise. */
static int
take_socket(char *verdict)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct iovec part = {.iov_base = verdict, .iov_len = 1};
    struct msghdr message = {.msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = control.bytes,
                             .msg_controllen = sizeof(control.bytes)};
    struct cmsghdr *header;
    ssize_t got = recvmsg(MyProcPort->sock, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    int fd;

    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        errno = EAGAIN;
        return -1;
    }
    header = got == 1 ? CMSG_FIRSTHDR(&message) : NULL;
    errno = 0;
    if (header == NULL || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return -1;
    memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    return fd;
}

/* Waits in the pool; the listener's end of the connection closing is the end. */
static int
wait_for_client(char *verdict)
{
    for (;;) {
        WaitEvent event;
        int fd = take_socket(verdict);

        if (fd >= 0)
            return fd;
        if (errno != EAGAIN)
            proc_exit(0);
        ModifyWaitEvent(FeBeWaitSet, FeBeWaitSetSocketPos, WL_SOCKET_READABLE, NULL);
        WaitEventSetWait(FeBeWaitSet, -1, &event, 1, WAIT_EVENT_CLIENT_READ);
        if (event.events & WL_LATCH_SET) {
            ResetLatch(MyLatch);
            QueryCancelPending = false;
            CHECK_FOR_INTERRUPTS();
            if (catchupInterruptPending)
                ProcessCatchupInterrupt();
            if (ConfigReloadPending) {
                ConfigReloadPending = false;
                ProcessConfigFile(PGC_SIGHUP);
            }
        }
    }
}

/* What can be made ready before there is a client. */
static void
warm_up(void)
{
    tls_available();
    execute_init();
    program_cache_limit = setting_plan_cache_size;
    bulk_load_init();
    dm_exec_init();
}

static void
enter(void)
{
    char verdict = ENTRY_REFUSE;
    int slot, client;

    /* The private statement's own transaction is over; the session makes its own. */
    CommitTransactionCommand();
    debug_query_string = NULL; /* it has the token: not for logs */
    /* Nothing may be written in PostgreSQL's protocol any more. */
    whereToSendOutput = DestNone;
    /* Until there is a client nobody could go on after an error. */
    ExitOnAnyError = true;
    slot = session_table_enter();
    if (slot < 0)
        proc_exit(0);
    warm_up();
    /* in the place of the statement with the token */
    pgstat_report_activity(STATE_RUNNING, "waits for a client");
    pgstat_report_activity(STATE_IDLE, NULL);
    if (!say_ready(slot))
        proc_exit(0);
    client = wait_for_client(&verdict);
    session_main(client, verdict != ENTRY_ACCEPT);
}

/* Only who knows the token, on the private socket, as the private superuser. */
static bool
may_enter(const char *name)
{
    const char *token = session_table_token();
    size_t prefix = strlen(ENTRY_PREFIX);
    unsigned difference = 0;

    if (strlen(name) != prefix + ENTRY_TOKEN_HEX || strncmp(name, ENTRY_PREFIX, prefix) != 0)
        return false;
    for (int i = 0; i < ENTRY_TOKEN_HEX; i++)
        difference |= (unsigned char) (name[prefix + i] ^ token[i]);
    return difference == 0 && MyProcPort != NULL && MyProcPort->raddr.addr.ss_family == AF_UNIX &&
           superuser() && !IsTransactionBlock();
}

static void
utility(PlannedStmt *statement,
        const char *text,
        bool read_only_tree,
        ProcessUtilityContext context,
        ParamListInfo parameters,
        QueryEnvironment *environment,
        DestReceiver *receiver,
        QueryCompletion *completion)
{
    Node *node = statement->utilityStmt;

    if (IsA(node, ListenStmt) && context == PROCESS_UTILITY_TOPLEVEL &&
        may_enter(castNode(ListenStmt, node)->conditionname))
        enter();
    if (next_utility)
        next_utility(statement, text, read_only_tree, context, parameters, environment, receiver,
                     completion);
    else
        standard_ProcessUtility(statement, text, read_only_tree, context, parameters, environment,
                                receiver, completion);
}

void
entry_register(void)
{
    next_utility = ProcessUtility_hook;
    ProcessUtility_hook = utility;
}
