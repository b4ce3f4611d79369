module casement/tests/sdk

go 1.19

require (
	github.com/huaweicloud/huaweicloud-sdk-go-v3 v0.1.170
	github.com/microsoft/go-mssqldb v1.8.0
)
