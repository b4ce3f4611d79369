-- One-minute series (cloud/ces), a row an instance and minute: values by the metric's number in
-- ces/metrics.def, NULL where it could not be measured. Kept fifteen days.
CREATE TABLE metric_minute (
    instance_id text NOT NULL,
    minute      timestamptz NOT NULL,
    readings    float8[] NOT NULL,
    PRIMARY KEY (instance_id, minute)
);
CREATE INDEX metric_minute_age ON metric_minute (minute);
