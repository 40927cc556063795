-- average_length_of_stay recomputed from silver's encounters, but for the standard deviation, a square root.
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
discharged AS (
    SELECT
        hospital_id,
        CAST(DATE_TRUNC('month', discharge_date) AS date) AS month,
        CASE
            WHEN age IS NULL OR age < 0 THEN 'unknown'
            WHEN age <= 17 THEN '0-17'
            WHEN age <= 44 THEN '18-44'
            WHEN age <= 64 THEN '45-64'
            WHEN age <= 74 THEN '65-74'
            WHEN age <= 84 THEN '75-84'
            ELSE '85+'
        END AS age_band,
        sex,
        GREATEST(DATE_DIFF('day', admission_date, discharge_date), 1) AS days
    FROM aged
    WHERE discharge_date IS NOT NULL
),
ordered AS (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY hospital_id, month, age_band, sex ORDER BY days ASC) AS place,
        COUNT(*) OVER (PARTITION BY hospital_id, month, age_band, sex) AS discharges
    FROM discharged
),
-- The p-th percentile lies p × (n − 1) places after the first; in tenths it is exact.
located AS (
    SELECT
        *,
        5 * (discharges - 1) AS median_at,
        9 * (discharges - 1) AS p90_at
    FROM ordered
),
expected AS (
    SELECT
        hospital_id,
        month,
        age_band,
        sex,
        COUNT(*) AS discharges,
        SUM(days) AS patient_days,
        CAST(CAST(SUM(days) AS decimal(18, 6)) / CAST(COUNT(*) AS decimal(18, 0)) AS decimal(18, 6)) AS mean_days,
        CAST(
            SUM(
                days * CASE
                    WHEN 10 * (place - 1) = median_at - median_at % 10 THEN 10 - median_at % 10
                    WHEN 10 * (place - 2) = median_at - median_at % 10 THEN median_at % 10
                    ELSE 0
                END
            ) AS decimal(18, 6)
        ) / 10 AS median_days,
        CAST(
            SUM(
                days * CASE
                    WHEN 10 * (place - 1) = p90_at - p90_at % 10 THEN 10 - p90_at % 10
                    WHEN 10 * (place - 2) = p90_at - p90_at % 10 THEN p90_at % 10
                    ELSE 0
                END
            ) AS decimal(18, 6)
        ) / 10 AS p90_days
    FROM located
    GROUP BY hospital_id, month, age_band, sex
),
actual AS (
    SELECT
        hospital_id,
        month,
        age_band,
        sex,
        discharges,
        patient_days,
        mean_days,
        median_days,
        p90_days
    FROM clinical_gold.average_length_of_stay
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
        discharges,
        patient_days,
        mean_days,
        median_days,
        p90_days
    HAVING SUM(side) <> 0
)
