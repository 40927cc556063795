resource "aws_athena_workgroup" "this" {
  for_each = var.work_groups

  name          = each.key
  description   = each.value.description
  force_destroy = var.force_destroy
  tags          = var.tags

  configuration {
    enforce_workgroup_configuration    = true
    publish_cloudwatch_metrics_enabled = true
    bytes_scanned_cutoff_per_query     = each.value.bytes_scanned_cutoff

    engine_version {
      selected_engine_version = "Athena engine version 3"
    }

    result_configuration {
      output_location = each.value.output_location

      encryption_configuration {
        encryption_option = each.value.kms_key_arn == null ? "SSE_S3" : "SSE_KMS"
        kms_key_arn       = each.value.kms_key_arn
      }
    }
  }
}
