module "recorder" {
  source = "./modules/recorder"
  count  = var.recorder == null ? 0 : 1

  name        = "${var.project}-recorder"
  image       = var.recorder.image
  products    = var.recorder.products
  bucket      = local.bucket_of["market_data"]["raw"]
  environment = local.lakehouse_environment
  vpc_id      = module.network[0].vpc_id
  subnet_ids  = module.network[0].private_subnet_ids

  kms_key_arn        = module.operations_key.arn
  log_retention_days = var.log_retention_days
}
