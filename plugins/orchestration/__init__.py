"""Everything that knows Airflow besides the DAG files: a domain's DAG, built from its contracts."""
