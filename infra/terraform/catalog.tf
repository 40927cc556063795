module "catalog" {
  source = "./modules/catalog"

  # Tables and views are registered by the DAGs (include/sql/<domain>/registration), which also run on a laptop.
  databases = merge([
    for domain in keys(var.domains) : {
      for layer in ["bronze", "silver", "gold", "rejected"] : "${domain}_${layer}" => "Tables of ${domain}, ${layer}"
    }
  ]...)
}
