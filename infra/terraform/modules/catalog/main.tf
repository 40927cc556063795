resource "aws_glue_catalog_database" "this" {
  for_each = var.databases

  name        = each.key
  description = each.value
  tags        = var.tags
}
