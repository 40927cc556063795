-- The days of infection recomputed from silver, patient-days and device-days; validations/measures.sql sums the events.
WITH zoned AS (
    SELECT
        organization_id,
        time_zone
    FROM clinical_silver.organization
    WHERE NOT is_deleted
),
admitted AS (
    SELECT
        e.encounter_id,
        e.patient_id,
        e.part_of_id,
        e.organization_id AS hospital_id,
        z.time_zone,
        e.period_start AS admitted_at,
        COALESCE(
            CASE
                WHEN e.period_start_precision > 8
                    THEN TRY(CAST(AT_TIMEZONE(e.period_start, z.time_zone) AS date))
            END,
            e.start_date
        ) AS admission_date,
        CASE
            WHEN e.status IN ('finished', 'completed') AND e.period_end IS NOT NULL
                THEN
                    COALESCE(
                        CASE
                            WHEN e.period_end_precision > 8
                                THEN TRY(CAST(AT_TIMEZONE(e.period_end, z.time_zone) AS date))
                        END,
                        e.end_date
                    )
        END AS end_date,
        p.birth_date,
        COALESCE(p.sex, 'unknown') AS sex
    FROM clinical_silver.encounter AS e
    INNER JOIN clinical_silver.patient AS p ON e.patient_id = p.patient_id AND NOT p.is_deleted
    LEFT JOIN zoned AS z ON e.organization_id = z.organization_id
    WHERE
        NOT e.is_deleted
        AND e.class_code IN ('IMP', 'ACUTE')
        AND e.status IN ('finished', 'completed', 'in-progress', 'onleave', 'on-hold')
        AND e.period_start IS NOT NULL
        AND e.organization_id IS NOT NULL
),
-- Without what is part of another stay, and no stay ends before it begins.
stays AS (
    SELECT
        s.*,
        GREATEST(s.admission_date, s.end_date) AS discharge_date
    FROM admitted AS s
    LEFT JOIN admitted AS w
        ON s.part_of_id = w.encounter_id AND s.patient_id = w.patient_id AND s.encounter_id <> w.encounter_id
    WHERE w.encounter_id IS NULL
),
-- Whole years: those between, less one before the birthday.
aged AS (
    SELECT
        *,
        YEAR(admission_date) - YEAR(birth_date)
        - IF(DATE_FORMAT(admission_date, '%m%d') < DATE_FORMAT(birth_date, '%m%d'), 1, 0) AS age
    FROM stays
),
ended AS (
    SELECT GREATEST(MAX(admission_date), COALESCE(MAX(discharge_date), MAX(admission_date))) AS day
    FROM aged
),
lasting AS (
    SELECT
        aged.*,
        CASE
            WHEN aged.age IS NULL OR aged.age < 0 THEN 'unknown'
            WHEN aged.age <= 17 THEN '0-17'
            WHEN aged.age <= 44 THEN '18-44'
            WHEN aged.age <= 64 THEN '45-64'
            WHEN aged.age <= 74 THEN '65-74'
            WHEN aged.age <= 84 THEN '75-84'
            ELSE '85+'
        END AS age_band,
        CASE
            WHEN aged.discharge_date IS NULL THEN ended.day
            ELSE GREATEST(aged.admission_date, DATE_ADD('day', -1, aged.discharge_date))
        END AS last_date
    FROM aged
    CROSS JOIN ended
),
patient_days AS (
    SELECT
        s.encounter_id,
        s.hospital_id,
        s.age_band,
        s.sex,
        e.event,
        d.day
    FROM lasting AS s
    CROSS JOIN UNNEST(SEQUENCE(s.admission_date, s.last_date, INTERVAL '1' DAY)) AS d (day)
    CROSS JOIN (VALUES 'cdi_labid', 'mrsa_bacteremia_labid') AS e (event)
),
-- Of a date without a time, silver's instant is midnight 14 hours ahead of UTC.
placed AS (
    SELECT
        s.encounter_id,
        s.hospital_id,
        s.age_band,
        s.sex,
        s.admission_date,
        s.last_date,
        CASE
            WHEN {{ is_in_value_set('p.codes', 'central_lines') }} THEN 'clabsi_proxy'
            ELSE 'cauti_proxy'
        END AS event,
        COALESCE(
            CASE
                WHEN p.performed_start
                    <> DATE_ADD('hour', -14, WITH_TIMEZONE(CAST(p.start_date AS timestamp), 'UTC'))
                    THEN TRY(CAST(AT_TIMEZONE(p.performed_start, s.time_zone) AS date))
            END,
            p.start_date
        ) AS start_date,
        COALESCE(
            CASE
                WHEN p.performed_end
                    <> DATE_ADD('hour', -14, WITH_TIMEZONE(CAST(p.end_date AS timestamp), 'UTC'))
                    THEN TRY(CAST(AT_TIMEZONE(p.performed_end, s.time_zone) AS date))
            END,
            p.end_date
        ) AS end_date
    FROM clinical_silver.procedure AS p
    INNER JOIN lasting AS s ON p.encounter_id = s.encounter_id
    WHERE
        NOT p.is_deleted
        AND p.status IN ('completed', 'in-progress')
        AND p.start_date IS NOT NULL
        AND {{ is_in_value_set('p.codes', 'central_lines', 'urinary_catheters') }}
),
spans AS (
    SELECT
        *,
        GREATEST(start_date, admission_date) AS first_day,
        LEAST(COALESCE(GREATEST(start_date, DATE_ADD('day', -1, end_date)), last_date), last_date) AS last_day
    FROM placed
),
device_days AS (
    SELECT DISTINCT
        s.encounter_id,
        s.hospital_id,
        s.age_band,
        s.sex,
        s.event,
        d.day
    FROM (SELECT * FROM spans WHERE first_day <= last_day) AS s
    CROSS JOIN UNNEST(SEQUENCE(s.first_day, s.last_day, INTERVAL '1' DAY)) AS d (day)
),
days AS (
    SELECT * FROM patient_days
    UNION ALL
    SELECT * FROM device_days
),
expected AS (
    SELECT
        hospital_id,
        CAST(DATE_TRUNC('month', day) AS date) AS month,
        age_band,
        sex,
        event,
        COUNT(*) AS denominator
    FROM days
    GROUP BY hospital_id, CAST(DATE_TRUNC('month', day) AS date), age_band, sex, event
),
actual AS (
    SELECT
        hospital_id,
        month,
        age_band,
        sex,
        event,
        denominator
    FROM clinical_gold.infection
    WHERE denominator > 0
),
-- A row of gold counts against the same row of silver; what is left over differs. Each side is read once.
compared AS (
    SELECT *, 1 AS side FROM expected
    UNION ALL
    SELECT *, -1 AS side FROM actual
)
SELECT COUNT(*) AS differences
FROM (
    SELECT 1 AS difference
    FROM compared
    GROUP BY
        hospital_id,
        month,
        age_band,
        sex,
        event,
        denominator
    HAVING SUM(side) <> 0
)
