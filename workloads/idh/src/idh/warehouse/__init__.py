"""The star schema in Snowflake, loaded by manifest."""
