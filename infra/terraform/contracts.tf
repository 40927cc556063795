# Where files are delivered is declared once, in the contracts of bronze.
locals {
  contracts = abspath("${path.root}/../../lakehouse/contracts")

  bronze = {
    for domain in keys(var.domains) : domain => [
      for file in fileset("${local.contracts}/${domain}/bronze", "*.yaml") :
      yamldecode(file("${local.contracts}/${domain}/bronze/${file}"))
    ]
  }

  # Domain -> name -> folder in which files are delivered.
  landings = {
    for domain, contracts in local.bronze : domain => merge([
      for contract in contracts : {
        for folder in flatten([try(
          [for rule in contract.customProperties : rule.value if rule.property == "landing"][0],
          "raw/${contract.name}",
        )]) :
        (length(flatten([try([for rule in contract.customProperties : rule.value if rule.property == "landing"][0], [])])) > 1
          ? basename(folder) : contract.name
        ) => folder
      }
    ]...)
  }
}
