output "bucket_names" {
  description = "Short name to bucket name."
  value       = { for key, bucket in aws_s3_bucket.this : key => bucket.id }
  # Who logs to a bucket, or reads it, needs its policy first.
  depends_on = [aws_s3_bucket_policy.this]
}

output "bucket_arns" {
  description = "Short name to ARN."
  value       = { for key, bucket in aws_s3_bucket.this : key => bucket.arn }
}
