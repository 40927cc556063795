# The rules of lakehouse/storage/bucket/lifecycle.py; a test compares the two.
locals {
  failed     = ["raw/failed/", "bronze/failed/", "silver/failed/", "gold/failed/"]
  processing = ["raw/processing/", "bronze/processing/", "silver/processing/", "gold/processing/"]

  lifecycle_rules = concat(
    [
      {
        id              = "lakehouse-raw-archive"
        prefix          = "raw/archive/"
        expiration_days = 365
        transitions = [
          { days = 30, storage_class = "STANDARD_IA" },
          { days = 90, storage_class = "GLACIER" },
        ]
      },
    ],
    [for prefix in ["temp/", "athena_queries/"] : {
      id                         = "lakehouse-${replace(trim(prefix, "/"), "/", "-")}"
      prefix                     = prefix
      expiration_days            = 7
      noncurrent_expiration_days = 1
    }],
    [for prefix, days in merge({ for p in local.failed : p => 30 }, { for p in local.processing : p => 7 }) : {
      id              = "lakehouse-${replace(trim(prefix, "/"), "/", "-")}"
      prefix          = prefix
      expiration_days = days
    }],
    [
      {
        id                                     = "lakehouse-noncurrent-versions"
        noncurrent_expiration_days             = 30
        expired_object_delete_marker           = true
        abort_incomplete_multipart_upload_days = 7
      },
    ],
  )
}
