-- For BI: no cell of 1 to 10, and none that a sum over age bands and sexes would reveal. Hidden are, of each hospital,
-- month and measure, the rows with such a cell, and the smallest of the others until what is hidden is two rows or more
-- whose sums are no such cell either. `others` are those who do not count, since they are a cell as well.
CREATE OR REPLACE VIEW clinical_gold.measures_for_bi AS
WITH cells AS (
    SELECT
        'mortality' AS measure,
        hospital_id,
        month,
        age_band,
        sex,
        numerator,
        denominator,
        denominator - numerator AS others,
        rate,
        rate_lower,
        rate_upper
    FROM clinical_gold.mortality
    WHERE denominator > 0
    UNION ALL
    SELECT
        'readmission' AS measure,
        hospital_id,
        month,
        age_band,
        sex,
        numerator,
        denominator,
        denominator - numerator AS others,
        rate,
        rate_lower,
        rate_upper
    FROM clinical_gold.readmission
    UNION ALL
    SELECT
        event AS measure,
        hospital_id,
        month,
        age_band,
        sex,
        numerator,
        denominator,
        0 AS others,
        rate,
        rate_lower,
        rate_upper
    FROM clinical_gold.infection
    UNION ALL
    SELECT
        'average_length_of_stay' AS measure,
        hospital_id,
        month,
        age_band,
        sex,
        patient_days AS numerator,
        discharges AS denominator,
        0 AS others,
        mean_days AS rate,
        CAST(NULL AS decimal(18, 6)) AS rate_lower,
        CAST(NULL AS decimal(18, 6)) AS rate_upper
    FROM clinical_gold.average_length_of_stay
),
marked AS (
    SELECT
        *,
        numerator BETWEEN 1 AND 10 OR denominator BETWEEN 1 AND 10 OR others BETWEEN 1 AND 10 AS is_small
    FROM cells
),
ordered AS (
    SELECT
        *,
        COUNT_IF(is_small) OVER (PARTITION BY measure, hospital_id, month) AS small_rows,
        COUNT(*) OVER (PARTITION BY measure, hospital_id, month) AS all_rows,
        ROW_NUMBER() OVER (
            PARTITION BY measure, hospital_id, month
            ORDER BY is_small DESC, denominator ASC, numerator ASC, age_band ASC, sex ASC
        ) AS place
    FROM marked
),
summed AS (
    SELECT
        *,
        SUM(numerator) OVER (PARTITION BY measure, hospital_id, month ORDER BY place ASC) AS numerators,
        SUM(denominator) OVER (PARTITION BY measure, hospital_id, month ORDER BY place ASC) AS denominators,
        SUM(others) OVER (PARTITION BY measure, hospital_id, month ORDER BY place ASC) AS all_others
    FROM ordered
),
measured AS (
    SELECT
        *,
        COALESCE(
            MIN(
                CASE
                    WHEN
                        place >= 2
                        AND place >= small_rows
                        AND numerators NOT BETWEEN 1 AND 10
                        AND denominators NOT BETWEEN 1 AND 10
                        AND all_others NOT BETWEEN 1 AND 10
                        THEN place
                END
            ) OVER (PARTITION BY measure, hospital_id, month),
            all_rows
        ) AS hidden_rows
    FROM summed
),
judged AS (
    SELECT
        *,
        small_rows > 0 AND place <= hidden_rows AS is_suppressed
    FROM measured
)
SELECT
    measure,
    hospital_id,
    month,
    age_band,
    sex,
    is_suppressed,
    CASE WHEN NOT is_suppressed THEN numerator END AS numerator,
    CASE WHEN NOT is_suppressed THEN denominator END AS denominator,
    CASE WHEN NOT is_suppressed THEN rate END AS rate,
    CASE WHEN NOT is_suppressed THEN rate_lower END AS rate_lower,
    CASE WHEN NOT is_suppressed THEN rate_upper END AS rate_upper
FROM judged;

-- Of a hospital's month, patients of 65 years and more, as CMS publishes. A sum is hidden where it is a cell of 1 to
-- 10, or where it, or the sum of the younger, less what measures_for_bi shows would leave one row or such a cell.
CREATE OR REPLACE VIEW clinical_gold.measures_65_and_older_for_bi AS
WITH cells AS (
    SELECT
        'mortality' AS measure,
        hospital_id,
        month,
        age_band,
        sex,
        numerator,
        denominator
    FROM clinical_gold.mortality
    WHERE denominator > 0
    UNION ALL
    SELECT
        'readmission' AS measure,
        hospital_id,
        month,
        age_band,
        sex,
        numerator,
        denominator
    FROM clinical_gold.readmission
),
sides AS (
    SELECT
        c.measure,
        c.hospital_id,
        c.month,
        c.age_band IN ('65-74', '75-84', '85+') AS is_older,
        SUM(c.numerator) AS numerator,
        SUM(c.denominator) AS denominator,
        SUM(c.denominator - c.numerator) AS others,
        COUNT_IF(b.is_suppressed) AS hidden_rows,
        COALESCE(SUM(CASE WHEN b.is_suppressed THEN c.numerator END), 0) AS hidden_numerator,
        COALESCE(SUM(CASE WHEN b.is_suppressed THEN c.denominator END), 0) AS hidden_denominator,
        COALESCE(SUM(CASE WHEN b.is_suppressed THEN c.denominator - c.numerator END), 0) AS hidden_others
    FROM cells AS c
    INNER JOIN clinical_gold.measures_for_bi AS b
        ON
            c.measure = b.measure
            AND c.hospital_id = b.hospital_id
            AND c.month = b.month
            AND c.age_band = b.age_band
            AND c.sex = b.sex
    GROUP BY c.measure, c.hospital_id, c.month, c.age_band IN ('65-74', '75-84', '85+')
),
judged AS (
    SELECT
        measure,
        hospital_id,
        month,
        BOOL_OR(
            hidden_rows = 1
            OR hidden_numerator BETWEEN 1 AND 10
            OR hidden_denominator BETWEEN 1 AND 10
            OR hidden_others BETWEEN 1 AND 10
            OR (
                is_older
                AND (numerator BETWEEN 1 AND 10 OR denominator BETWEEN 1 AND 10 OR others BETWEEN 1 AND 10)
            )
        ) AS is_suppressed,
        SUM(CASE WHEN is_older THEN numerator END) AS numerator,
        SUM(CASE WHEN is_older THEN denominator END) AS denominator
    FROM sides
    GROUP BY measure, hospital_id, month
)
SELECT
    measure,
    hospital_id,
    month,
    is_suppressed,
    CASE WHEN NOT is_suppressed THEN numerator END AS numerator,
    CASE WHEN NOT is_suppressed THEN denominator END AS denominator,
    CASE
        WHEN NOT is_suppressed
            THEN
                CAST(
                    CAST(numerator AS decimal(18, 6)) / NULLIF(CAST(denominator AS decimal(18, 0)), 0)
                    AS decimal(18, 6)
                )
    END AS rate
FROM judged
WHERE denominator > 0;
