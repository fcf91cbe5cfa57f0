-- Dimensions. dim_physician keeps history (one row per version; the current one has valid_to NULL) and holds no plaintext address.
CREATE TABLE IF NOT EXISTS dim_physician (physician_id VARCHAR, version_key VARCHAR, npi VARCHAR, first_name VARCHAR, last_name VARCHAR,
    specialty_code VARCHAR, city VARCHAR, state VARCHAR, email_sha256 VARCHAR, email_confidence DOUBLE, sendable BOOLEAN,
    valid_from VARCHAR, valid_to VARCHAR);
CREATE TABLE IF NOT EXISTS dim_specialty (specialty_code VARCHAR, name VARCHAR);
CREATE TABLE IF NOT EXISTS dim_geography (geography_key VARCHAR, city VARCHAR, state VARCHAR);
CREATE TABLE IF NOT EXISTS dim_skill (skill VARCHAR);
CREATE TABLE IF NOT EXISTS dim_date (day VARCHAR, year NUMBER, quarter NUMBER, month NUMBER);
CREATE TABLE IF NOT EXISTS dim_source (source VARCHAR, name VARCHAR);
CREATE TABLE IF NOT EXISTS dim_campaign (campaign_id VARCHAR, subject VARCHAR);
-- Facts. Each names the record that it comes from, by which lineage goes on.
CREATE TABLE IF NOT EXISTS fact_match (record_id VARCHAR, physician_id VARCHAR, source VARCHAR, probability DOUBLE, weight DOUBLE, round NUMBER);
CREATE TABLE IF NOT EXISTS fact_email_candidate (physician_id VARCHAR, email_sha256 VARCHAR, probability DOUBLE, chosen BOOLEAN);
CREATE TABLE IF NOT EXISTS fact_survey_response (record_id VARCHAR, physician_id VARCHAR, survey_id VARCHAR, day VARCHAR, consent VARCHAR);
CREATE TABLE IF NOT EXISTS fact_physician_skill (physician_id VARCHAR, skill VARCHAR, responses NUMBER);
CREATE TABLE IF NOT EXISTS fact_send_event (event_key VARCHAR, physician_id VARCHAR, campaign_id VARCHAR, event VARCHAR, day VARCHAR);
CREATE TABLE IF NOT EXISTS fact_pipeline_run (run_id VARCHAR, job VARCHAR, rows_read NUMBER, rows_written NUMBER, day VARCHAR);
-- The mart that is sold, and the ledger of loads.
CREATE TABLE IF NOT EXISTS agg_skill_recommendation (period VARCHAR, skill VARCHAR, specialty_code VARCHAR, state VARCHAR, physicians NUMBER, k NUMBER);
CREATE TABLE IF NOT EXISTS load_ledger (run VARCHAR, table_name VARCHAR, rows_loaded NUMBER, rows_new NUMBER);
