/*
 * cloud_base.c: strings, JSON, moments and certificates of the daemon.
 */
#include "base/json.h"
#include "base/memory.h"
#include "base/moment.h"
#include "crypto/authority.h"

#include "check.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

static void
buffer_grows_and_stays_terminated(void)
{
    Buffer buffer = {0};

    for (int i = 0; i < 1000; i++)
        buffer_format(&buffer, "%d,", i % 10);
    CHECK_INT(buffer.length, 2000);
    CHECK_INT(strlen(buffer.text), 2000);
    buffer_add(&buffer, "a\0b", 3);
    CHECK_INT(buffer.length, 2003);
    CHECK_INT(buffer.text[2003], 0);
    buffer_done(&buffer);
    CHECK(buffer.text == NULL);
}

static void
json_numbers_may_be_quoted(void)
{
    AUTO_JSON json_t *value = json_loads(
        "{\"a\":\"12\",\"b\":12,\"c\":\"12x\",\"d\":null,\"e\":1e300,\"f\":12.9,\"g\":\"\"}", 0,
        NULL);

    CHECK_INT(json_number(value, "a", -1), 12);
    CHECK_INT(json_number(value, "b", -1), 12);
    CHECK_INT(json_number(value, "c", -1), -1);
    CHECK_INT(json_number(value, "d", -1), -1);
    CHECK_INT(json_number(value, "e", -1), -1);
    CHECK_INT(json_number(value, "f", -1), 12);
    CHECK_INT(json_number(value, "g", -1), -1);
    CHECK_INT(json_number(value, "absent", -1), -1);
    CHECK_STR(json_text(value, "a", "no"), "12");
    CHECK_STR(json_text(value, "b", "no"), "no");
}

static void
check_moment(const char *text, const char *expected)
{
    char written[MOMENT_TEXT] = "";
    Moment moment = 0;

    if (!moment_parse(text, &moment))
        snprintf(written, sizeof(written), "refused");
    else
        moment_iso(moment, written);
    if (strcmp(written, expected) != 0)
        check_failure("%s is read as %s, not %s", text, written, expected);
}

static void
moments_are_read_in_every_form(void)
{
    check_moment("2026-11-23T10:00:00+0000", "2026-11-23T10:00:00.000000Z");
    check_moment("2026-11-23T10:00:00.000001Z", "2026-11-23T10:00:00.000001Z");
    check_moment("2026-11-23 10:00:00", "2026-11-23T10:00:00.000000Z");
    check_moment("2026-11-23 10:00:00.5+02", "2026-11-23T08:00:00.500000Z");
    check_moment("2026-11-23T10:00:00-05:30", "2026-11-23T15:30:00.000000Z");
    check_moment("20261123T100000Z", "2026-11-23T10:00:00.000000Z");
    check_moment("2024-02-29T23:59:59Z", "2024-02-29T23:59:59.000000Z");
    check_moment("1969-12-31T23:59:59.25Z", "1969-12-31T23:59:59.250000Z");
    check_moment("2026-11-23T10:00:00.1234567Z", "2026-11-23T10:00:00.123456Z");
    check_moment("2023-02-29T00:00:00Z", "refused");
    check_moment("2026-13-01T00:00:00Z", "refused");
    check_moment("2026-11-23T24:00:00Z", "refused");
    check_moment("2026-11-23T10:00:00+", "refused");
    check_moment("2026-11-23T10:00:00Zx", "refused");
    check_moment("2026-11-23", "refused");
    check_moment("", "refused");
    check_moment("2026-11-23T10:00:00+9900", "refused");
}

static void
moments_are_written_in_the_form_of_rds(void)
{
    char text[MOMENT_TEXT];
    Moment moment = 0;

    CHECK(moment_parse("2026-11-23T10:20:30.9Z", &moment));
    moment_rds(moment, text);
    CHECK_STR(text, "2026-11-23T10:20:30+0000");
}

static X509 *
certificate_of(const char *pem)
{
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    return certificate;
}

static void
authority_issues_what_clients_can_verify(void)
{
    const char *const names[] = {"localhost", "127.0.0.1", "::1", "db.example", NULL};
    const char *const bad[] = {"a,DNS:evil.example", NULL};
    char folder[] = "/tmp/casement-authority-XXXXXX";
    char *certificate = NULL, *key = NULL, *problem = NULL;

    CHECK(mkdtemp(folder) != NULL);
    CHECK_INT(authority_open(folder, &problem), 0);
    AUTO_FREE char *first = str_copy(authority_certificate());
    CHECK_INT(authority_issue(names, 30, &certificate, &key, &problem), 0);
    X509 *issued = certificate_of(certificate), *authority = certificate_of(first);
    CHECK_INT(X509_check_ca(authority), 1);
    CHECK_INT(X509_check_ca(issued), 0);
    CHECK_INT(X509_verify(issued, X509_get0_pubkey(authority)), 1);
    CHECK_INT(X509_check_host(issued, "db.example", 0, 0, NULL), 1);
    CHECK_INT(X509_check_host(issued, "other.example", 0, 0, NULL), 0);
    CHECK_INT(X509_check_ip_asc(issued, "127.0.0.1", 0), 1);
    CHECK_INT(X509_check_ip_asc(issued, "127.0.0.2", 0), 0);
    CHECK(authority_issue(bad, 30, &certificate, &key, &problem) < 0);

    /* A second opening finds the same one, and what was issued stays good. */
    CHECK_INT(authority_open(folder, &problem), 0);
    CHECK_STR(authority_certificate(), first);
    AUTO_FREE char *file = str_format("%s/api.crt", folder);
    AUTO_FREE char *key_file = str_format("%s/api.key", folder);
    CHECK_INT(authority_renew(file, key_file, names, &problem), 1);
    CHECK_INT(authority_renew(file, key_file, names, &problem), 0);
    const char *const more[] = {"localhost", "127.0.0.3", NULL};
    CHECK_INT(authority_renew(file, key_file, more, &problem), 1);

    X509_free(issued);
    X509_free(authority);
    AUTO_FREE char *ca = str_format("%s/ca.crt", folder);
    AUTO_FREE char *ca_key = str_format("%s/ca.key", folder);
    unlink(file);
    unlink(key_file);
    unlink(ca);
    unlink(ca_key);
    rmdir(folder);
}

int
main(void)
{
    RUN(buffer_grows_and_stays_terminated);
    RUN(json_numbers_may_be_quoted);
    RUN(moments_are_read_in_every_form);
    RUN(moments_are_written_in_the_form_of_rds);
    RUN(authority_issues_what_clients_can_verify);
    return check_done();
}
