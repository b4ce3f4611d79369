/*
 * metrics.h: metrics of database instances, and of what else is measured: each minute, kept fifteen
 * days.
 */
#pragma once

#include "api/request.h"

#define METRIC_COUNT 24 /* the last number of metrics.def */
#define METRIC_DAYS 15

typedef struct Metric {
    int number;
    const char *name, *unit;
} Metric;

/*
 * A namespace: what is measured of one kind of thing, each named by its id. Other services add
 * theirs before threads. A metric's number is its place in the stored rows, from 1.
 */
typedef struct MetricSpace {
    const char *name, *dimension; /* "SYS.RDS", "rds_cluster_sqlserver_id" */
    const char *table, *living;   /* columns id and project_id; which of them are listed, in SQL */
    const Metric *metrics;
    int count;
} MetricSpace;
#define METRIC_SPACES 4

extern const MetricSpace metric_space_rds;
/* Borrowed for the life of the program. */
void metric_space_add(const MetricSpace *space);
/* NULL where there is none of that name. */
const MetricSpace *metric_space_find(const char *name);
/* The metric of that name, or NULL; space may be NULL. */
const Metric *metric_find(const MetricSpace *space, const char *name);
/* One thing's readings of a minute, by number (readings[0] is not used); NaN is none. */
void metric_keep(StoreConn *store, const char *id, Moment now, const double *readings, int count);

/* Measures every running instance; about once a minute. */
void metrics_collect(StoreConn *store);
/* Drops what is older than METRIC_DAYS, or of instances that are gone. */
void metrics_clean(StoreConn *store);

void ces_list_metrics(ApiRequest *request);
void ces_show_metric_data(ApiRequest *request);
void ces_batch_list_metric_data(ApiRequest *request);
void ces_show_quotas(ApiRequest *request);
