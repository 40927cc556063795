# On top of dev.tfvars, for the embedded AWS. What it cannot hold is planned, not applied: docs/infrastructure.md.
enable_mwaa = false

replica_region = "us-west-2"

recorder = {
  image = "registry.example/lakehouse@sha256:0000000000000000000000000000000000000000000000000000000000000000"
}

# moto tells no subscribers of budgets.
monthly_budget_usd = null
