"""Setting the project up: environments, jars and Trino, from locks, under the checkout."""
