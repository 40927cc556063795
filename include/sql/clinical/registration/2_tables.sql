-- Columns come from the Delta log, so that the catalog never disagrees with the table.

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_bronze.fhir_resources
LOCATION '{{ uri('clinical.bronze.fhir_resources') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_silver.patient
LOCATION '{{ uri('clinical.silver.patient') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_silver.organization
LOCATION '{{ uri('clinical.silver.organization') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_silver.location
LOCATION '{{ uri('clinical.silver.location') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_silver.encounter
LOCATION '{{ uri('clinical.silver.encounter') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_silver.condition
LOCATION '{{ uri('clinical.silver.condition') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_silver.observation
LOCATION '{{ uri('clinical.silver.observation') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_silver.procedure
LOCATION '{{ uri('clinical.silver.procedure') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_silver.coverage
LOCATION '{{ uri('clinical.silver.coverage') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_silver.resource
LOCATION '{{ uri('clinical.silver.resource') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_silver.inpatient_episode
LOCATION '{{ uri('clinical.silver.inpatient_episode') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_gold.mortality
LOCATION '{{ uri('clinical.gold.mortality') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_gold.readmission
LOCATION '{{ uri('clinical.gold.readmission') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_gold.infection
LOCATION '{{ uri('clinical.gold.infection') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_gold.average_length_of_stay
LOCATION '{{ uri('clinical.gold.average_length_of_stay') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_gold.measure_evidence
LOCATION '{{ uri('clinical.gold.measure_evidence') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_gold.ecqm_cohort
LOCATION '{{ uri('clinical.gold.ecqm_cohort') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_rejected.patient
LOCATION '{{ uri('clinical.rejected.patient') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_rejected.organization
LOCATION '{{ uri('clinical.rejected.organization') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_rejected.location
LOCATION '{{ uri('clinical.rejected.location') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_rejected.encounter
LOCATION '{{ uri('clinical.rejected.encounter') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_rejected.condition
LOCATION '{{ uri('clinical.rejected.condition') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_rejected.observation
LOCATION '{{ uri('clinical.rejected.observation') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_rejected.procedure
LOCATION '{{ uri('clinical.rejected.procedure') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_rejected.coverage
LOCATION '{{ uri('clinical.rejected.coverage') }}'
TBLPROPERTIES ('table_type' = 'DELTA');

CREATE EXTERNAL TABLE IF NOT EXISTS clinical_rejected.resource
LOCATION '{{ uri('clinical.rejected.resource') }}'
TBLPROPERTIES ('table_type' = 'DELTA');
