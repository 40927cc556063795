data "aws_partition" "current" {}

resource "aws_cloudtrail" "this" {
  #checkov:skip=CKV_AWS_252:A notice for every file that is delivered would drown the alerts in the same topic
  #checkov:skip=CKV2_AWS_10:The trail is searched where it lies, with Athena; a second copy in CloudWatch costs more than all else here
  name                          = var.name
  s3_bucket_name                = var.log_bucket
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  kms_key_id                    = var.kms_key_arn
  sns_topic_name                = var.topic_arn
  tags                          = var.tags

  event_selector {
    read_write_type           = "All"
    include_management_events = true

    data_resource {
      type   = "AWS::S3::Object"
      values = [for name in sort(var.data_buckets) : "arn:${data.aws_partition.current.partition}:s3:::${name}/"]
    }
  }
}
