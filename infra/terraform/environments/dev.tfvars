environment = "dev"

# Made again from sources and from production's samples.
force_destroy      = true
monthly_budget_usd = 700
