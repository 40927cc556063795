-- Figures are sums of the evidence, and no numerator exceeds its denominator.
WITH evidence AS (
    SELECT
        measure,
        hospital_id,
        month,
        age_band,
        sex,
        COUNT_IF(is_numerator) AS numerator,
        COUNT_IF(is_denominator) AS denominator
    FROM clinical_gold.measure_evidence
    GROUP BY measure, hospital_id, month, age_band, sex
),
figures AS (
    SELECT 'mortality' AS measure, hospital_id, month, age_band, sex, numerator, denominator
    FROM clinical_gold.mortality
    UNION ALL
    SELECT 'readmission' AS measure, hospital_id, month, age_band, sex, numerator, denominator
    FROM clinical_gold.readmission
    UNION ALL
    SELECT
        'average_length_of_stay' AS measure, hospital_id, month, age_band, sex,
        discharges AS numerator, discharges AS denominator
    FROM clinical_gold.average_length_of_stay
    UNION ALL
    SELECT event AS measure, hospital_id, month, age_band, sex, numerator, 0 AS denominator
    FROM clinical_gold.infection
),
sums AS (
    SELECT
        COALESCE(f.measure, e.measure) AS measure,
        COALESCE(f.numerator, 0) AS numerator,
        COALESCE(f.denominator, 0) AS denominator,
        COALESCE(e.numerator, 0) AS numerator_of_evidence,
        COALESCE(e.denominator, 0) AS denominator_of_evidence
    FROM figures AS f
    FULL OUTER JOIN evidence AS e
        ON
            f.measure = e.measure
            AND f.hospital_id = e.hospital_id
            AND f.month = e.month
            AND f.age_band = e.age_band
            AND f.sex = e.sex
)
SELECT
    COUNT_IF(numerator <> numerator_of_evidence) = 0 AS numerators_are_sums_of_the_evidence,
    COUNT_IF(denominator <> denominator_of_evidence) = 0 AS denominators_are_sums_of_the_evidence,
    COUNT_IF(numerator > denominator AND measure IN ('mortality', 'readmission')) = 0
        AS numerators_do_not_exceed_denominators
FROM sums
