"""The development stack of a laptop: an embedded AWS and Airflow, started, provisioned, watched, stopped."""
