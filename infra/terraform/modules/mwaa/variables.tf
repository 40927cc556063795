variable "name" {
  description = "Name of the environment."
  type        = string
}

variable "airflow_version" {
  description = "Version of Airflow."
  type        = string
  default     = "3.2.1"
}

variable "environment_class" {
  description = "Size of schedulers and workers."
  type        = string
  default     = "mw1.small"

  validation {
    condition     = contains(["mw1.micro", "mw1.small", "mw1.medium", "mw1.large", "mw1.xlarge", "mw1.2xlarge"], var.environment_class)
    error_message = "environment_class must be one of MWAA's, such as mw1.small."
  }
}

variable "workers" {
  description = "Fewest and most workers."
  type        = object({ min = number, max = number })
  default     = { min = 1, max = 2 }
}

variable "execution_role_arn" {
  description = "Role of the environment."
  type        = string
}

variable "source_bucket_arn" {
  description = "Versioned bucket that holds what is deployed."
  type        = string
}

variable "dag_path" {
  description = "Folder of DAGs until the first deployment moves it on."
  type        = string
}

variable "requirements_path" {
  description = "Key of requirements.txt until the first deployment moves it on."
  type        = string
}

variable "configuration" {
  description = "Options of Airflow, such as lakehouse.sns_topic_arn; those of the section engine become the engine's variables."
  type        = map(string)
}

variable "vpc_id" {
  description = "Network of the environment."
  type        = string
}

variable "subnet_ids" {
  description = "Two private subnets in two zones."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) == 2
    error_message = "MWAA takes exactly two subnets."
  }
}

variable "access_mode" {
  description = "PRIVATE_ONLY: the UI answers in the network only. PUBLIC_ONLY: anywhere, to whom IAM lets in."
  type        = string
  default     = "PRIVATE_ONLY"

  validation {
    condition     = contains(["PRIVATE_ONLY", "PUBLIC_ONLY"], var.access_mode)
    error_message = "access_mode must be PRIVATE_ONLY or PUBLIC_ONLY."
  }
}

variable "kms_key_arn" {
  description = "Key of the environment's own data; null: MWAA's."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags of everything here."
  type        = map(string)
  default     = {}
}
