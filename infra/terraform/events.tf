module "events" {
  source = "./modules/events"

  queue_name = "${var.project}-arrivals"
  landings = {
    for domain, folders in local.landings : domain => {
      bucket  = module.buckets.bucket_names[trimsuffix(local.bucket_of[domain]["raw"], local.suffix)]
      folders = folders
    } if length(folders) > 0
  }
}
