-- readmission recomputed from silver's episodes; intervals are not compared. Diagnoses are tokens of ICD-10-CM.
WITH in_hospital AS (
    SELECT
        patient_id,
        MIN(discharge_date) AS death_date
    FROM clinical_silver.inpatient_episode
    WHERE discharge_disposition = 'exp' AND NOT is_open
    GROUP BY patient_id
),
people AS (
    SELECT
        p.patient_id,
        p.deceased_at,
        p.deceased_at_precision,
        p.deceased_date,
        h.death_date AS discharged_dead
    FROM clinical_silver.patient AS p
    LEFT JOIN in_hospital AS h ON p.patient_id = h.patient_id
    WHERE NOT p.is_deleted
),
done AS (
    SELECT
        encounter_id,
        BOOL_OR({{ is_in_value_set('codes', 'always_planned_procedures') }}) AS is_always_planned,
        BOOL_OR({{ is_in_value_set('codes', 'potentially_planned_procedures') }}) AS is_potentially_planned
    FROM clinical_silver.procedure
    WHERE NOT is_deleted AND status = 'completed'
    GROUP BY encounter_id
),
ended AS (
    SELECT MAX(COALESCE(GREATEST(discharge_date, last_stay_admission_date), last_stay_admission_date)) AS day
    FROM clinical_silver.inpatient_episode
),
planned AS (
    SELECT
        e.*,
        COALESCE(d.is_always_planned, FALSE)
        OR {{ is_in_value_set('e.first_principal_diagnosis', 'maintenance_chemotherapy', 'rehabilitation') }}
        OR (
            COALESCE(d.is_potentially_planned, FALSE)
            AND NOT {{ is_in_value_set('e.first_principal_diagnosis', 'acute_diagnoses') }}
        ) AS is_planned
    FROM clinical_silver.inpatient_episode AS e
    LEFT JOIN done AS d ON e.first_encounter_id = d.encounter_id
),
followed AS (
    SELECT
        *,
        LEAD(admission_date) OVER in_order AS next_date,
        LEAD(is_planned) OVER in_order AS is_next_planned
    FROM planned
    WINDOW in_order AS (PARTITION BY patient_id ORDER BY admitted_at ASC, episode_id ASC)
),
indexes AS (
    SELECT
        f.discharging_hospital_id AS hospital_id,
        CAST(DATE_TRUNC('month', f.discharge_date) AS date) AS month,
        CASE
            WHEN f.age_at_admission IS NULL OR f.age_at_admission < 0 THEN 'unknown'
            WHEN f.age_at_admission <= 17 THEN '0-17'
            WHEN f.age_at_admission <= 44 THEN '18-44'
            WHEN f.age_at_admission <= 64 THEN '45-64'
            WHEN f.age_at_admission <= 74 THEN '65-74'
            WHEN f.age_at_admission <= 84 THEN '75-84'
            ELSE '85+'
        END AS age_band,
        f.sex,
        COALESCE(DATE_DIFF('day', f.discharge_date, f.next_date) BETWEEN 0 AND 30, FALSE)
        AND NOT f.is_next_planned AS is_readmitted
    FROM followed AS f
    INNER JOIN people AS p ON f.patient_id = p.patient_id
    CROSS JOIN ended
    WHERE
        NOT f.is_open
        AND COALESCE(f.discharge_disposition, '') NOT IN ('exp', 'other-hcf', 'aadvice')
        AND COALESCE(
            CASE
                WHEN p.deceased_at_precision > 8
                    THEN
                        COALESCE(
                            TRY(CAST(AT_TIMEZONE(p.deceased_at, f.discharging_time_zone) AS date)),
                            p.deceased_date
                        )
                WHEN p.deceased_at_precision = 8 THEN p.deceased_date
                ELSE p.discharged_dead
            END > f.discharge_date,
            TRUE
        )
        AND NOT {{ is_in_value_set('f.last_principal_diagnosis', 'psychiatric', 'rehabilitation', 'cancer') }}
        AND DATE_ADD('day', 30, f.discharge_date) <= ended.day
),
expected AS (
    SELECT
        hospital_id,
        month,
        age_band,
        sex,
        COUNT_IF(is_readmitted) AS numerator,
        COUNT(*) AS denominator,
        CAST(
            CAST(COUNT_IF(is_readmitted) AS decimal(18, 6)) / CAST(COUNT(*) AS decimal(18, 0)) AS decimal(18, 6)
        ) AS rate
    FROM indexes
    GROUP BY hospital_id, month, age_band, sex
),
actual AS (
    SELECT
        hospital_id,
        month,
        age_band,
        sex,
        numerator,
        denominator,
        rate
    FROM clinical_gold.readmission
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
        numerator,
        denominator,
        rate
    HAVING SUM(side) <> 0
)
