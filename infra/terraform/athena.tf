module "athena" {
  source = "./modules/athena"

  work_groups = {
    (var.project) = {
      output_location = "s3://${module.buckets.bucket_names[var.domains["ecommerce"].buckets["*"]]}/athena_queries/"
    }
  }
}
