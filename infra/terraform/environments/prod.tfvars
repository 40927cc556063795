environment = "prod"

glue = {
  worker_type       = "G.1X"
  number_of_workers = 4
}

mwaa = {
  environment_class = "mw1.medium"
  workers           = { min = 2, max = 5 }
}

replica_region     = "us-west-2"
monthly_budget_usd = 2500
