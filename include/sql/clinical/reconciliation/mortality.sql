-- mortality recomputed from silver's episodes; intervals are not compared.
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
        p.is_deceased,
        p.deceased_at,
        p.deceased_at_precision,
        p.deceased_date,
        h.death_date AS discharged_dead
    FROM clinical_silver.patient AS p
    LEFT JOIN in_hospital AS h ON p.patient_id = h.patient_id
    WHERE NOT p.is_deleted
),
-- The days of what is timed are those of the admitting hospital.
episodes AS (
    SELECT
        e.*,
        p.is_deceased,
        CASE
            WHEN p.deceased_at_precision > 8
                THEN
                    COALESCE(
                        TRY(CAST(AT_TIMEZONE(p.deceased_at, e.admitting_time_zone) AS date)), p.deceased_date
                    )
            WHEN p.deceased_at_precision = 8 THEN p.deceased_date
            ELSE p.discharged_dead
        END AS death_date
    FROM clinical_silver.inpatient_episode AS e
    INNER JOIN people AS p ON e.patient_id = p.patient_id
),
hospice AS (
    SELECT DISTINCT e.episode_id
    FROM clinical_silver.condition AS c
    INNER JOIN episodes AS e ON c.patient_id = e.patient_id
    WHERE
        NOT c.is_deleted
        AND COALESCE(c.verification_status, '') NOT LIKE '%entered-in-error'
        AND {{ is_in_value_set('c.codes', 'hospice') }}
        AND e.admission_date = COALESCE(
            CASE
                WHEN c.onset_precision > 8 THEN TRY(CAST(AT_TIMEZONE(c.onset_at, e.admitting_time_zone) AS date))
            END,
            c.onset_date,
            c.recorded_date
        )
),
ended AS (
    SELECT MAX(COALESCE(GREATEST(discharge_date, last_stay_admission_date), last_stay_admission_date)) AS day
    FROM clinical_silver.inpatient_episode
),
judged AS (
    SELECT
        e.episode_id,
        e.patient_id,
        e.admitting_hospital_id AS hospital_id,
        CAST(DATE_TRUNC('month', e.admission_date) AS date) AS month,
        CASE
            WHEN e.age_at_admission IS NULL OR e.age_at_admission < 0 THEN 'unknown'
            WHEN e.age_at_admission <= 17 THEN '0-17'
            WHEN e.age_at_admission <= 44 THEN '18-44'
            WHEN e.age_at_admission <= 64 THEN '45-64'
            WHEN e.age_at_admission <= 74 THEN '65-74'
            WHEN e.age_at_admission <= 84 THEN '75-84'
            ELSE '85+'
        END AS age_band,
        e.sex,
        e.admitted_at,
        e.admission_date,
        COALESCE(DATE_DIFF('day', e.admission_date, e.death_date) BETWEEN 0 AND 30, FALSE) AS is_dead_in_time,
        CASE
            WHEN
                e.admit_source = 'hosp-trans'
                OR e.discharge_disposition = 'aadvice'
                OR h.episode_id IS NOT NULL
                OR (e.discharge_disposition = 'hosp' AND e.discharge_date = e.admission_date)
                THEN 'out'
            WHEN
                e.discharge_date = e.admission_date
                AND e.admitting_hospital_id = e.discharging_hospital_id
                AND COALESCE(e.discharge_disposition, '') <> 'other-hcf'
                AND COALESCE(e.death_date <> e.admission_date, TRUE)
                THEN 'out'
            WHEN e.is_deceased AND e.death_date IS NULL THEN 'unknown'
            ELSE 'index'
        END AS standing
    FROM episodes AS e
    LEFT JOIN hospice AS h ON e.episode_id = h.episode_id
    WHERE NOT e.is_open
),
numbered AS (
    SELECT
        *,
        ROW_NUMBER() OVER (
            PARTITION BY patient_id, YEAR(admission_date), standing
            ORDER BY admitted_at ASC, episode_id ASC
        ) AS place
    FROM judged
),
-- One death counts once, also where two years have an admission before it.
kept AS (
    SELECT
        *,
        standing = 'index'
        AND place = 1
        AND NOT LAG(is_dead_in_time, 1, FALSE) OVER (
            PARTITION BY patient_id, standing, place
            ORDER BY admitted_at ASC, episode_id ASC
        ) AS is_index
    FROM numbered
),
counted AS (
    SELECT
        hospital_id,
        month,
        age_band,
        sex,
        COUNT_IF(is_index AND is_dead_in_time) AS numerator,
        COUNT_IF(is_index) AS denominator,
        COUNT_IF(standing = 'unknown') AS unknown_vital_status
    FROM kept
    GROUP BY hospital_id, month, age_band, sex
),
expected AS (
    SELECT
        c.hospital_id,
        c.month,
        c.age_band,
        c.sex,
        c.numerator,
        c.denominator,
        CAST(
            CAST(c.numerator AS decimal(18, 6)) / NULLIF(CAST(c.denominator AS decimal(18, 0)), 0) AS decimal(18, 6)
        ) AS rate,
        c.unknown_vital_status,
        DATE_ADD('day', 30, LAST_DAY_OF_MONTH(c.month)) <= ended.day AS is_complete
    FROM counted AS c
    CROSS JOIN ended
    WHERE c.denominator > 0 OR c.unknown_vital_status > 0
),
actual AS (
    SELECT
        hospital_id,
        month,
        age_band,
        sex,
        numerator,
        denominator,
        rate,
        unknown_vital_status,
        is_complete
    FROM clinical_gold.mortality
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
        rate,
        unknown_vital_status,
        is_complete
    HAVING SUM(side) <> 0
)
