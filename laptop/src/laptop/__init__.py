"""The development stack of a laptop: the embedded AWS and Airflow, started, provisioned, watched and stopped."""
