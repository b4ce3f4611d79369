// The life of an instance by huaweicloud-sdk-go-v3, as it is: only its documented settings of endpoint
// and trust are used. Prints one line a test; the argument is casementd's admin.json.
package main

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/basic"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/auth/global"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/config"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/core/sdkerr"
	ces "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ces/v1"
	cesmodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/ces/v1/model"
	iam "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3"
	iammodel "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/iam/v3/model"
	rds "github.com/huaweicloud/huaweicloud-sdk-go-v3/services/rds/v3"
	"github.com/huaweicloud/huaweicloud-sdk-go-v3/services/rds/v3/model"
	_ "github.com/microsoft/go-mssqldb"
)

const password, clerk = "Shop4711!x", "Cash0815+y"

type admin struct {
	Endpoint, Region, Ak, Sk string
	ProjectId                string `json:"project_id"`
	DomainId                 string `json:"domain_id"`
}

var (
	who    admin
	failed bool
	client *rds.RdsClient
	id     string
)

// The SDK for Go takes no certificate authority but the system's: trust is set by SSL_CERT_FILE.
func settings() *config.HttpConfig { return config.DefaultHttpConfig() }

func fail(format string, values ...interface{}) { panic(fmt.Sprintf(format, values...)) }

func check(err error) {
	if err != nil {
		panic(err)
	}
}

func test(name string, body func()) {
	defer func() {
		if problem := recover(); problem != nil {
			failed = true
			fmt.Printf("not ok go_%s: %s\n", name, strings.ReplaceAll(fmt.Sprint(problem), "\n", " "))
			return
		}
		fmt.Printf("ok go_%s\n", name)
	}()
	body()
}

func waitJob(job *string) {
	for until := time.Now().Add(3 * time.Minute); ; time.Sleep(300 * time.Millisecond) {
		answer, err := client.ListJobInfo(&model.ListJobInfoRequest{Id: *job})
		check(err)
		status := answer.Job.Status.Value()
		if status == "Completed" {
			return
		}
		if status == "Failed" || time.Now().After(until) {
			fail("job %s is %s", answer.Job.Name, status)
		}
	}
}

func instance() *model.InstanceResponse {
	answer, err := client.ListInstances(&model.ListInstancesRequest{Id: &id})
	check(err)
	if len(*answer.Instances) == 0 {
		return nil
	}
	return &(*answer.Instances)[0]
}

func query(user, secret, database, statement string) []int64 {
	about := instance()
	place := url.URL{Scheme: "sqlserver", User: url.UserPassword(user, secret),
		Host:     fmt.Sprintf("%s:%d", about.PrivateIps[0], about.Port),
		RawQuery: "database=" + database + "&TrustServerCertificate=true"}
	link, err := sql.Open("sqlserver", place.String())
	check(err)
	defer link.Close()
	rows, err := link.Query(statement)
	check(err)
	defer rows.Close()
	var numbers []int64
	for rows.Next() {
		var number int64
		check(rows.Scan(&number))
		numbers = append(numbers, number)
	}
	check(rows.Err())
	return numbers
}

func makesAnInstance() {
	version := "2022_SE"
	flavors, err := client.ListFlavors(&model.ListFlavorsRequest{DatabaseName: model.GetListFlavorsRequestDatabaseNameEnum().SQL_SERVER, VersionName: &version})
	check(err)
	best := (*flavors.Flavors)[0]
	for _, one := range *flavors.Flavors {
		if one.Ram < best.Ram {
			best = one
		}
	}
	var zone string
	for name := range best.AzStatus {
		zone = name
	}
	kind := model.GetDatastoreTypeEnum().SQL_SERVER
	secret := password
	answer, err := client.CreateInstance(&model.CreateInstanceRequest{Body: &model.InstanceRequest{
		Name: "go-shop", Datastore: &model.Datastore{Type: kind, Version: version}, FlavorRef: best.SpecCode,
		Volume: &model.Volume{Type: model.GetVolumeTypeEnum().CLOUDSSD, Size: 40}, Region: who.Region,
		AvailabilityZone: zone, VpcId: strings.Repeat("0", 32), SubnetId: strings.Repeat("1", 32),
		SecurityGroupId: strings.Repeat("2", 32), Password: &secret}})
	check(err)
	id = *answer.Instance.Id
	waitJob(answer.JobId)
	if about := instance(); about.Status != "ACTIVE" || about.DbUserName != "rdsuser" {
		fail("it is %s, its user %s", about.Status, about.DbUserName)
	}
}

func makesADatabaseAndAnAccount() {
	_, err := client.CreateSqlserverDatabase(&model.CreateSqlserverDatabaseRequest{InstanceId: id,
		Body: &model.SqlserverDatabaseForCreation{Name: "orders"}})
	check(err)
	_, err = client.CreateSqlserverDbUser(&model.CreateSqlserverDbUserRequest{InstanceId: id,
		Body: &model.SqlserverUserForCreation{Name: "clerk", Password: clerk}})
	check(err)
	_, err = client.AllowSqlserverDbUserPrivilege(&model.AllowSqlserverDbUserPrivilegeRequest{InstanceId: id,
		Body: &model.SqlserverGrantRequest{DbName: "orders",
			Users: []model.SqlserverUserWithPrivilege{{Name: "clerk", Readonly: boolp(false)}}}})
	check(err)
	query("clerk", clerk, "orders", "CREATE TABLE lines (id int); INSERT lines VALUES (1), (2), (3)")
	if found := query("clerk", clerk, "orders", "SELECT COUNT(*) FROM lines"); found[0] != 3 {
		fail("there are %d rows", found[0])
	}
}

func boolp(value bool) *bool { return &value }

func backsUp() {
	made, err := client.CreateManualBackup(&model.CreateManualBackupRequest{
		Body: &model.CreateManualBackupRequestBody{InstanceId: id, Name: "by-go"}})
	check(err)
	for until := time.Now().Add(3 * time.Minute); ; time.Sleep(500 * time.Millisecond) {
		answer, err := client.ListBackups(&model.ListBackupsRequest{InstanceId: id, BackupId: &made.Backup.Id})
		check(err)
		status := (*answer.Backups)[0].Status.Value()
		if status == "COMPLETED" {
			return
		}
		if status == "FAILED" || time.Now().After(until) {
			fail("the backup is %s", status)
		}
	}
}

func restoresOneDatabaseToAMoment() {
	time.Sleep(1200 * time.Millisecond)
	moment := time.Now().UnixMilli()
	time.Sleep(1200 * time.Millisecond)
	query("clerk", clerk, "orders", "DELETE lines")
	timestamp := model.GetRestoreExistingInstanceRequestBodySourceTypeEnum().TIMESTAMP
	answer, err := client.RestoreExistInstance(&model.RestoreExistInstanceRequest{
		Body: &model.RestoreExistingInstanceRequestBody{
			Source: &model.RestoreExistingInstanceRequestBodySource{InstanceId: id,
				Type:         &timestamp,
				RestoreTime:  int64p(moment),
				DatabaseName: map[string]string{"orders": "orders_then"}},
			Target: &model.TargetInstanceRequest{InstanceId: id}}})
	check(err)
	waitJob(answer.JobId)
	if found := query("rdsuser", password, "master", "SELECT COUNT(*) FROM orders_then.dbo.lines"); found[0] != 3 {
		fail("%d rows came back", found[0])
	}
}

func int64p(value int64) *int64 { return &value }

func readsMetrics() {
	made := ces.NewCesClient(ces.CesClientBuilder().WithEndpoints([]string{who.Endpoint}).WithHttpConfig(settings()).
		WithCredential(credentials()).Build())
	for until := time.Now().Add(100 * time.Second); ; time.Sleep(2 * time.Second) {
		now := time.Now().UnixMilli()
		answer, err := made.ShowMetricData(&cesmodel.ShowMetricDataRequest{Namespace: "SYS.RDS",
			MetricName: "rds048_disk_used_size", Dim0: "rds_cluster_sqlserver_id," + id, Period: 1,
			Filter: cesmodel.GetShowMetricDataRequestFilterEnum().AVERAGE, From: now - 3600000, To: now})
		check(err)
		if answer.Datapoints != nil && len(*answer.Datapoints) > 0 {
			return
		}
		if time.Now().After(until) {
			fail("there are no points")
		}
	}
}

func credentials() *basic.Credentials {
	return basic.NewCredentialsBuilder().WithAk(who.Ak).WithSk(who.Sk).WithProjectId(who.ProjectId).Build()
}

func findsTheProjectOfTheRegion() {
	made := iam.NewIamClient(iam.IamClientBuilder().WithEndpoints([]string{who.Endpoint}).WithHttpConfig(settings()).
		WithCredential(global.NewCredentialsBuilder().WithAk(who.Ak).WithSk(who.Sk).WithDomainId(who.DomainId).Build()).Build())
	answer, err := made.KeystoneListProjects(&iammodel.KeystoneListProjectsRequest{Name: &who.Region})
	check(err)
	if len(*answer.Projects) != 1 || (*answer.Projects)[0].Id != who.ProjectId {
		fail("the projects are %v", *answer.Projects)
	}
}

func deletesIt() {
	answer, err := client.DeleteInstance(&model.DeleteInstanceRequest{InstanceId: id})
	check(err)
	waitJob(answer.JobId)
	if instance() != nil {
		fail("it is still listed")
	}
	_, err = client.StopInstance(&model.StopInstanceRequest{InstanceId: id})
	if refusal, ok := err.(*sdkerr.ServiceResponseError); !ok || refusal.StatusCode != 404 {
		fail("stopping what is gone gives %v", err)
	}
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	check(err)
	check(json.Unmarshal(text, &who))
	client = rds.NewRdsClient(rds.RdsClientBuilder().WithEndpoints([]string{who.Endpoint}).WithHttpConfig(settings()).
		WithCredential(credentials()).Build())
	test("finds_the_project_of_the_region", findsTheProjectOfTheRegion)
	test("makes_an_instance", makesAnInstance)
	test("makes_a_database_and_an_account", makesADatabaseAndAnAccount)
	test("backs_up", backsUp)
	test("restores_one_database_to_a_moment", restoresOneDatabaseToAMoment)
	test("reads_metrics", readsMetrics)
	test("deletes_it", deletesIt)
	if failed {
		os.Exit(1)
	}
}
