# Where files are delivered is declared once, in the contracts of bronze.
locals {
  contracts = abspath("${path.root}/../../lakehouse/contracts")

  bronze = {
    for domain in keys(var.domains) : domain => [
      for file in fileset("${local.contracts}/${domain}/bronze", "*.yaml") :
      yamldecode(file("${local.contracts}/${domain}/bronze/${file}"))
    ]
  }

  # Domain -> name -> folder in which files that arrive start a run.
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
      } if !contains([for rule in try(contract.customProperties, []) : rule.property if !try(tobool(rule.value), true)], "startsRun")
    ]...)
  }

  # Address of a table of silver -> share of a run's rows that may be rejected; the default is the engine's.
  rejected_share_limits = merge([
    for domain in keys(var.domains) : {
      for file in fileset("${local.contracts}/${domain}/silver", "*.yaml") :
      "${domain}.silver.${trimsuffix(file, ".yaml")}" => try([
        for rule in yamldecode(file("${local.contracts}/${domain}/silver/${file}")).customProperties :
        rule.value if rule.property == "rejectedShareLimit"
      ][0], 0.01)
    }
  ]...)
}
