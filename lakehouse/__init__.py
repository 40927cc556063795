"""The lakehouse engine: contracts, transforms and steps of every domain. It never imports Airflow."""
