module "files" {
  source = "../upload_files"

  bucket = var.bucket
  tags   = var.tags
  upload_file = {
    for name in fileset(var.source_directory, var.pattern) : trimsuffix(name, ".py") => {
      s3_location     = "${var.prefix}${name}"
      source_location = "${var.source_directory}/${name}"
      content_type    = "text/x-python"
    }
  }
}
