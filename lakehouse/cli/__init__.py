"""The command line: Typer and Rich over the same APIs that Airflow uses."""
