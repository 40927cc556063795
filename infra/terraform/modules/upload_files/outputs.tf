output "uris" {
  description = "Name to s3:// URI."
  value       = { for name, object in aws_s3_object.this : name => "s3://${object.bucket}/${object.key}" }
}
