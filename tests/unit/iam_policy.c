/*
 * Policies, tokens, and what cloud/crypto promises: sealed secrets and hashes.
 */
#include "base/json.h"
#include "base/memory.h"
#include "check.h"
#include "crypto/master_key.h"
#include "crypto/random_id.h"
#include "iam/policy.h"
#include "iam/signin.h"
#include "iam/token.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static PolicyAnswer
ask(const char *statements, const char *action, const char *resource)
{
    AUTO_FREE char *text = str_format("{\"Version\":\"1.1\",\"Statement\":[%s]}", statements);
    AUTO_FREE char *problem = NULL;
    AUTO_JSON json_t *json = json_loads(text, 0, NULL);
    Policy *policy = policy_read(json, &problem);
    PolicyAnswer answer;

    if (policy == NULL) {
        check_failure("%s: %s", statements, problem != NULL ? problem : "no JSON");
        return (PolicyAnswer) -1;
    }
    answer = policy_ask(policy, action, resource);
    policy_free(policy);
    return answer;
}

#define ALLOW(actions, more) "{\"Effect\":\"Allow\",\"Action\":[" actions "]" more "}"
#define DENY(actions, more) "{\"Effect\":\"Deny\",\"Action\":[" actions "]" more "}"
#define ONE "rds:r:d:instance:1"

static void
stars_match_any_text(void)
{
    CHECK(policy_match("rds:*:get*", "rds:instance:getLog"));
    CHECK(policy_match("RDS:Instance:*", "rds:instance:list"));
    CHECK(policy_match("*", ""));
    CHECK(policy_match("a*b*c", "abbcbc"));
    CHECK(!policy_match("a*b*c", "abbcb"));
    CHECK(!policy_match("rds:*:get*", "rds:instance:list"));
    CHECK(!policy_match("", "x"));
}

static void
stars_take_bounded_time(void)
{
    char pattern[256], text[4096];

    for (size_t i = 0; i + 1 < sizeof(pattern); i++)
        pattern[i] = i % 2 ? '*' : 'a';
    pattern[sizeof(pattern) - 2] = '*';
    pattern[sizeof(pattern) - 1] = '\0';
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    text[sizeof(text) - 2] = 'b';
    CHECK(policy_match(pattern, text));
    pattern[sizeof(pattern) - 2] = 'c';
    CHECK(!policy_match(pattern, text));
}

static void
denial_wins_and_silence_is_no(void)
{
    CHECK_INT(ask(ALLOW("\"rds:*:*\"", ""), "rds:instance:create", NULL), POLICY_ALLOW);
    CHECK_INT(ask(ALLOW("\"rds:*:*\"", ""), "ces:metric:list", NULL), POLICY_SILENT);
    CHECK_INT(ask(ALLOW("\"rds:*:*\"", "") "," DENY("\"rds:instance:delete\"", ""),
                  "rds:instance:delete", NULL),
              POLICY_DENY);
    CHECK_INT(ask(DENY("\"rds:instance:delete\"", "") "," ALLOW("\"rds:*:*\"", ""),
                  "rds:instance:delete", NULL),
              POLICY_DENY);
    CHECK_INT(ask(DENY("\"rds:instance:delete\"", ""), "rds:instance:list", NULL), POLICY_SILENT);
}

static void
resources_narrow_a_statement(void)
{
    CHECK_INT(ask(ALLOW("\"rds:*:*\"", ",\"Resource\":[\"rds:*:*:instance:1\"]"), "rds:a:b", ONE),
              POLICY_ALLOW);
    CHECK_INT(ask(ALLOW("\"rds:*:*\"", ",\"Resource\":[\"rds:*:*:instance:2\"]"), "rds:a:b", ONE),
              POLICY_SILENT);
    CHECK_INT(ask(ALLOW("\"rds:*:*\"", ",\"Resource\":[\"rds:*:*:instance:2\"]"), "rds:a:b", NULL),
              POLICY_SILENT);
    CHECK_INT(ask(ALLOW("\"rds:*:*\"", ",\"Resource\":[\"*\"]"), "rds:a:b", NULL), POLICY_ALLOW);
    CHECK_INT(ask(ALLOW("\"rds:*:*\"", "") "," DENY("\"rds:*:*\"",
                                                    ",\"Resource\":[\"rds:*:*:instance:1\"]"),
                  "rds:a:b", ONE),
              POLICY_DENY);
}

static void
roles_of_the_system_say_what_their_names_say(void)
{
    int count;
    const SystemRole *roles;
    const SystemRole *manage, *read;

    policy_load_system();
    roles = policy_system_roles(&count);
    for (int i = 0; i < count; i++)
        for (int j = 0; j < i; j++)
            CHECK(strcmp(roles[i].id, roles[j].id) != 0 && strcmp(roles[i].name, roles[j].name));
    manage = policy_system_role("0ca5e000000000000000000000000011");
    read = policy_system_role("0ca5e000000000000000000000000012");
    if (!CHECK(manage != NULL && read != NULL))
        return;
    CHECK_INT(policy_ask(manage->policy, "rds:instance:create", NULL), POLICY_ALLOW);
    CHECK_INT(policy_ask(manage->policy, "rds:instance:delete", NULL), POLICY_DENY);
    CHECK_INT(policy_ask(read->policy, "rds:instance:list", NULL), POLICY_ALLOW);
    CHECK_INT(policy_ask(read->policy, "rds:instance:create", NULL), POLICY_SILENT);
    CHECK_INT(policy_ask(read->policy, "iam:users:listUsers", NULL), POLICY_SILENT);
}

static void
a_sealed_secret_opens_for_its_purpose_only(void)
{
    AUTO_FREE char *sealed = secret_seal("one", "secret", 6);
    AUTO_FREE char *again = secret_seal("one", "secret", 6);
    size_t length = 0;
    AUTO_WIPE char *opened = sealed != NULL ? secret_open("one", sealed, &length) : NULL;

    if (!CHECK(sealed != NULL && again != NULL))
        return;
    CHECK(strcmp(sealed, again) != 0);
    CHECK_STR(opened, "secret");
    CHECK_INT(length, 6);
    CHECK(secret_open("two", sealed, NULL) == NULL);
    CHECK(secret_open("one", "v1.", NULL) == NULL);
    CHECK(secret_open("one", "secret", NULL) == NULL);
    sealed[20] = sealed[20] == 'A' ? 'B' : 'A';
    CHECK(secret_open("one", sealed, NULL) == NULL);
}

static void
a_key_file_that_others_can_read_is_refused(void)
{
    char path[] = "/tmp/casement-key-XXXXXX";
    int file = mkstemp(path);

    if (!CHECK(file >= 0))
        return;
    CHECK_INT(write(file, "0123456789abcdef0123456789abcdef", 32), 32);
    CHECK_INT(fchmod(file, 0644), 0);
    CHECK(master_key_open(path) < 0);
    CHECK_INT(fchmod(file, 0600), 0);
    CHECK_INT(master_key_open(path), 0);
    CHECK_INT(ftruncate(file, 31), 0);
    CHECK(master_key_open(path) < 0);
    close(file);
    unlink(path);
}

static void
a_password_matches_its_hash_only(void)
{
    AUTO_FREE char *hash = password_hash("Right-Word-1");

    CHECK(password_matches("Right-Word-1", hash));
    CHECK(!password_matches("Wrong-Word-1", hash));
    CHECK(!password_matches("Right-Word-1", NULL));
    CHECK(!password_matches("Right-Word-1", "scrypt$1$1$1$AA==$AA=="));
    CHECK(!password_matches("Right-Word-1", "scrypt$999999999$9$9$AAAA$AAAA"));
}

static void
random_passwords_meet_the_policy(void)
{
    for (int i = 0; i < 200; i++) {
        AUTO_WIPE char *password = random_password(12);
        AUTO_FREE char *problem = password_problem(password, "admin");

        CHECK(isalpha((unsigned char) password[0]) != 0);
        if (problem != NULL && strstr(problem, "in a row") == NULL)
            check_failure("%s: %s", password, problem);
    }
}

static void
passwords_that_are_easily_guessed_are_refused(void)
{
    static const struct {
        const char *password, *name;
        bool good;
    } cases[] = {
        {"Right-Word-1", "admin", true},      {"Short-1", "admin", false},
        {"onlylowerletters", "admin", false}, {"Only1Letters", "admin", true},
        {"My-Admin-Word1", "admin", false},   {"1-drowyM", "Myword-1", false},
        {"Aaaaa-1111-bb", "admin", false},    {"Tab\tInside-1", "admin", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        AUTO_FREE char *problem = password_problem(cases[i].password, cases[i].name);

        if ((problem == NULL) != cases[i].good)
            check_failure("%s: %s", cases[i].password, problem != NULL ? problem : "taken");
    }
}

static void
a_token_says_what_was_sealed_until_its_end(void)
{
    Token token = {.id = "t",
                   .user_id = "u",
                   .project_id = "p",
                   .methods = "password",
                   .issued = moment_now(),
                   .expires = moment_now() + MOMENT_SECOND * 60,
                   .epoch = 7};
    AUTO_FREE char *sealed = token_seal(&token), *over = NULL;
    Token opened;

    CHECK(token_open(sealed, &opened));
    CHECK_STR(opened.user_id, "u");
    CHECK_STR(opened.project_id, "p");
    CHECK_STR(opened.domain_id, "");
    CHECK_INT(opened.epoch, 7);
    CHECK_INT(opened.expires, token.expires);
    token_done(&opened);
    token.expires = moment_now() - 1;
    over = token_seal(&token);
    CHECK(!token_open(over, &opened));
    token_done(&opened);
    CHECK(!token_open("v1.AAAA", &opened));
    token_done(&opened);
}

int
main(void)
{
    RUN(a_key_file_that_others_can_read_is_refused);
    RUN(stars_match_any_text);
    RUN(stars_take_bounded_time);
    RUN(denial_wins_and_silence_is_no);
    RUN(resources_narrow_a_statement);
    RUN(roles_of_the_system_say_what_their_names_say);
    RUN(a_sealed_secret_opens_for_its_purpose_only);
    RUN(a_password_matches_its_hash_only);
    RUN(random_passwords_meet_the_policy);
    RUN(passwords_that_are_easily_guessed_are_refused);
    RUN(a_token_says_what_was_sealed_until_its_end);
    return check_done();
}
