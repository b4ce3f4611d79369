/*
 * metrics.h: metrics of database instances: measured each minute, kept fifteen days.
 */
#pragma once

#include "api/request.h"

#define METRIC_COUNT 24 /* the last number of metrics.def */
#define METRIC_DAYS 15
#define METRIC_NAMESPACE "SYS.RDS"
#define METRIC_DIMENSION "rds_cluster_sqlserver_id"

typedef struct Metric {
    int number;
    const char *name, *unit;
} Metric;

extern const Metric metrics[METRIC_COUNT];

/* The metric of that name, or NULL. */
const Metric *metric_find(const char *name);

/* Measures every running instance; about once a minute. */
void metrics_collect(StoreConn *store);
/* Drops what is older than METRIC_DAYS, or of instances that are gone. */
void metrics_clean(StoreConn *store);

void ces_list_metrics(ApiRequest *request);
void ces_show_metric_data(ApiRequest *request);
void ces_batch_list_metric_data(ApiRequest *request);
void ces_show_quotas(ApiRequest *request);
