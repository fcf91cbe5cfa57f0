"""From the raw zone to the ingestion zone: contracts, quarantine with reasons, each record exactly once."""
