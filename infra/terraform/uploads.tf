# What must be in the bucket before the first deployment: a job needs a script that exists, MWAA its requirements.
# A release is uploaded beside it, under its commit, by `lakehouse deploy`.
module "first_scripts" {
  source = "./modules/upload_scripts"

  bucket           = module.buckets.bucket_names[var.domains["ecommerce"].buckets["*"]]
  source_directory = abspath("${path.root}/../../include/glue_scripts")
  prefix           = "scripts/first/"
}

module "first_files" {
  source = "./modules/upload_files"

  bucket = module.buckets.bucket_names[var.domains["ecommerce"].buckets["*"]]
  upload_file = {
    requirements = {
      s3_location     = "mwaa/first/requirements.txt"
      source_location = "${path.module}/files/requirements.txt"
      content_type    = "text/plain"
    }
  }
}
