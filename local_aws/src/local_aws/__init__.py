"""An AWS for a laptop: S3, the Glue catalog, Glue jobs that run Spark, Athena queries that run Trino."""
