"""Identity by huaweicloudsdkiam: its own signing, resolution of project and domain, users, groups,
policies and keys."""
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "harness"))

from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.client import Client, ClientBuilder
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkcore.region.region import Region
from huaweicloudsdkiam import v3 as iam

from report import Report, expect, expect_equal

with open(sys.argv[1], encoding="utf-8") as file:
    ADMIN = json.load(file)


def client(ak=None, sk=None, security_token=None):
    config = HttpConfig.get_default_config()
    config.ssl_ca_cert = ADMIN["ca_file"]
    credentials = GlobalCredentials(ak or ADMIN["ak"], sk or ADMIN["sk"])
    credentials.with_iam_endpoint(ADMIN["endpoint"])
    if security_token:
        credentials.with_security_token(security_token)
    return (iam.IamClient.new_builder().with_http_config(config).with_credentials(credentials)
            .with_endpoint(ADMIN["endpoint"]).build())


def refused(call, status):
    try:
        call()
    except ClientRequestException as error:
        expect_equal(error.status_code, status, "the status")
        return error
    raise AssertionError("the call was let through")


def the_sdk_finds_the_domain_and_the_project_of_the_region():
    found = client().keystone_list_projects(iam.KeystoneListProjectsRequest(name=ADMIN["region"]))
    expect_equal([one.id for one in found.projects], [ADMIN["project_id"]], "the projects")
    domains = client().keystone_list_auth_domains(iam.KeystoneListAuthDomainsRequest()).domains
    expect_equal([one.id for one in domains], [ADMIN["domain_id"]], "the domains")
    basic = BasicCredentials(ADMIN["ak"], ADMIN["sk"]).with_iam_endpoint(ADMIN["endpoint"])
    config = HttpConfig.get_default_config()
    config.ssl_ca_cert = ADMIN["ca_file"]
    basic = (ClientBuilder(Client).with_http_config(config).with_credentials(basic)
             .with_region(Region(ADMIN["region"], ADMIN["endpoint"])).build())._credentials
    expect_equal(basic.project_id, ADMIN["project_id"], "the project that the SDK resolved")


def lists_and_documents_are_read():
    made = client()
    expect(made.keystone_list_regions(iam.KeystoneListRegionsRequest()).regions[0].id ==
           ADMIN["region"], "the region is another")
    expect(len(made.keystone_list_permissions(iam.KeystoneListPermissionsRequest()).roles) > 5,
           "few roles")
    expect(made.keystone_show_catalog(iam.KeystoneShowCatalogRequest()).catalog, "no catalogue")
    expect(made.keystone_list_versions(iam.KeystoneListVersionsRequest()).versions.values[0].id ==
           "v3.6", "the version is another")
    made.keystone_show_version(iam.KeystoneShowVersionRequest())
    made.keystone_list_services(iam.KeystoneListServicesRequest())
    made.keystone_list_endpoints(iam.KeystoneListEndpointsRequest())
    domain = ADMIN["domain_id"]
    policy = made.show_domain_password_policy(iam.ShowDomainPasswordPolicyRequest(domain_id=domain))
    expect_equal(policy.password_policy.minimum_password_length, 8, "the least length")
    made.show_domain_login_policy(iam.ShowDomainLoginPolicyRequest(domain_id=domain))
    quotas = made.show_domain_quota(iam.ShowDomainQuotaRequest(domain_id=domain)).quotas.resources
    expect("user" in [one.type for one in quotas], "no quota of users")


def a_user_with_a_group_a_policy_and_a_key_is_made_and_ended():
    made = client()
    user = made.create_user(iam.CreateUserRequest(iam.CreateUserRequestBody(iam.CreateUserOption(
        name="sdk-user", domain_id=ADMIN["domain_id"], password="Sdk-Secret-12")))).user
    group = made.keystone_create_group(iam.KeystoneCreateGroupRequest(
        iam.KeystoneCreateGroupRequestBody(iam.KeystoneCreateGroupOption(name="sdk-group")))).group
    role = made.create_cloud_service_custom_policy(iam.CreateCloudServiceCustomPolicyRequest(
        iam.CreateCloudServiceCustomPolicyRequestBody(iam.ServicePolicyRoleOption(
            display_name="sdk-policy", type="AX", description="readers", policy=iam.ServicePolicy(
                version="1.1", statement=[iam.ServiceStatement(
                    action=["iam:users:listUsers"], effect="Allow")]))))).role
    made.keystone_add_user_to_group(iam.KeystoneAddUserToGroupRequest(group.id, user.id))
    key = made.create_permanent_access_key(iam.CreatePermanentAccessKeyRequest(
        iam.CreatePermanentAccessKeyRequestBody(iam.CreateCredentialOption(user_id=user.id)))
    ).credential
    as_user = client(key.access, key.secret)
    refused(lambda: as_user.keystone_list_users(iam.KeystoneListUsersRequest()), 403)
    made.keystone_associate_group_with_domain_permission(
        iam.KeystoneAssociateGroupWithDomainPermissionRequest(
            domain_id=ADMIN["domain_id"], group_id=group.id, role_id=role.id))
    found = as_user.keystone_list_users(iam.KeystoneListUsersRequest()).users
    expect("sdk-user" in [one.name for one in found], "the user does not see himself")
    refused(lambda: as_user.keystone_list_groups(iam.KeystoneListGroupsRequest()), 403)
    made.update_permanent_access_key(iam.UpdatePermanentAccessKeyRequest(
        key.access, iam.UpdatePermanentAccessKeyRequestBody(iam.UpdateCredentialOption(
            status="inactive"))))
    refused(lambda: as_user.keystone_list_users(iam.KeystoneListUsersRequest()), 401)
    made.delete_permanent_access_key(iam.DeletePermanentAccessKeyRequest(key.access))
    made.delete_custom_policy(iam.DeleteCustomPolicyRequest(role.id))
    made.keystone_delete_group(iam.KeystoneDeleteGroupRequest(group.id))
    made.keystone_delete_user(iam.KeystoneDeleteUserRequest(user.id))
    refused(lambda: made.show_user(iam.ShowUserRequest(user.id)), 404)


def tokens_and_temporary_keys_are_made():
    made = client()
    answer = made.keystone_create_user_token_by_password(
        iam.KeystoneCreateUserTokenByPasswordRequest(
            body=iam.KeystoneCreateUserTokenByPasswordRequestBody(iam.PwdAuth(
                identity=iam.PwdIdentity(methods=["password"], password=iam.PwdPassword(
                    user=iam.PwdPasswordUser(
                        name=ADMIN["user"], password=ADMIN["password"],
                        domain=iam.PwdPasswordUserDomain(name=ADMIN["domain_name"])))),
                scope=iam.AuthScope(project=iam.AuthScopeProject(name=ADMIN["region"]))))))
    expect_equal(answer.token.project.id, ADMIN["project_id"], "the token's project")
    temporary = made.create_temporary_access_key_by_token(
        iam.CreateTemporaryAccessKeyByTokenRequest(
            iam.CreateTemporaryAccessKeyByTokenRequestBody(iam.TokenAuth(iam.TokenAuthIdentity(
                methods=["token"], token=iam.IdentityToken(
                    id=answer.x_subject_token, duration_seconds=900)))))).credential
    borrowed = client(temporary.access, temporary.secret, temporary.securitytoken)
    expect(borrowed.keystone_list_users(iam.KeystoneListUsersRequest()).users, "no users")


def a_wrong_secret_is_told_with_the_services_code():
    error = refused(lambda: client(sk="wrong").keystone_list_users(iam.KeystoneListUsersRequest()),
                    401)
    expect_equal(error.error_code, "APIGW.0301", "the code")
    expect("SHA-256" in error.error_msg, "the message does not say what was expected")


def main():
    report = Report("huaweicloudsdkiam: ")
    for test in (the_sdk_finds_the_domain_and_the_project_of_the_region,
                 lists_and_documents_are_read,
                 a_user_with_a_group_a_policy_and_a_key_is_made_and_ended,
                 tokens_and_temporary_keys_are_made, a_wrong_secret_is_told_with_the_services_code):
        report.run(test.__name__, test)
    return report.status()


if __name__ == "__main__":
    sys.exit(main())
