# Registration, checks and reconciliation: Athena reads the tables with the rights of who asks.
locals {
  mwaa_athena = [
    {
      Sid    = "Query"
      Effect = "Allow"
      Action = [
        "athena:GetQueryExecution", "athena:GetQueryResults", "athena:GetWorkGroup", "athena:StartQueryExecution",
        "athena:StopQueryExecution",
      ]
      Resource = [for name in var.mwaa.work_groups : "arn:${local.partition}:athena:${local.here}:workgroup/${name}"]
    },
    {
      Sid      = "DataCatalog"
      Effect   = "Allow"
      Action   = ["athena:GetDataCatalog"]
      Resource = "arn:${local.partition}:athena:${local.here}:datacatalog/AwsDataCatalog"
    },
    {
      Sid    = "Register"
      Effect = "Allow"
      Action = [
        "glue:CreateDatabase", "glue:CreateTable", "glue:DeleteTable", "glue:GetDatabase", "glue:GetDatabases",
        "glue:GetPartition", "glue:GetPartitions", "glue:GetTable", "glue:GetTables", "glue:UpdateTable",
      ]
      Resource = concat(
        ["arn:${local.partition}:glue:${local.here}:catalog", "arn:${local.partition}:glue:${local.here}:database/default"],
        flatten([for name in var.mwaa.databases : [
          "arn:${local.partition}:glue:${local.here}:database/${name}",
          "arn:${local.partition}:glue:${local.here}:table/${name}/*",
        ]]),
      )
    },
    {
      Sid    = "ReadTables"
      Effect = "Allow"
      Action = ["s3:GetObject"]
      Resource = flatten([for bucket in var.mwaa.buckets : [
        for layer in ["silver", "processed", "gold", "rejected"] : "${local.s3}${bucket}/${layer}/*"
      ]])
    },
    {
      Sid      = "QueryResults"
      Effect   = "Allow"
      Action   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
      Resource = [for bucket in var.mwaa.buckets : "${local.s3}${bucket}/athena_queries/*"]
    },
  ]
}
