module "network" {
  source = "./modules/network"
  count  = var.enable_network ? 1 : 0

  name               = "${var.project}-${var.environment}"
  region             = var.region
  cidr               = var.network.cidr
  availability_zones = [for letter in var.network.zones : "${var.region}${letter}"]
  enable_internet    = var.recorder != null
  kms_key_arn        = module.operations_key.arn
  log_retention_days = var.log_retention_days
}
