"""Pure decisions: records, clocks, rules and findings. No Kafka, no network, no database, no clock."""
