resource "aws_s3_object" "this" {
  #checkov:skip=CKV_AWS_186:The bucket's default encryption holds; a key of one's own is kms_key_arn
  for_each = var.upload_file

  bucket       = var.bucket
  key          = each.value.s3_location
  source       = each.value.source_location
  source_hash  = filemd5(each.value.source_location)
  content_type = each.value.content_type
  kms_key_id   = var.kms_key_arn
  tags         = var.tags
}
