#!/bin/bash
# MWAA's startup script: gives the engine its settings (docs/configuration.md, "The engine").
#
# MWAA sets no variables of one's own, only options of Airflow. So an option of the section `engine` becomes the
# engine's variable: engine.bucket_name → ECOM_S3_BUCKET_NAME, engine.region → ECOM_AWS_REGION, and every other
# engine.<name> → LAKEHOUSE_<NAME>, such as engine.environment → LAKEHOUSE_ENVIRONMENT. The same script, byte for
# byte, serves every environment.
while IFS= read -r -d '' entry; do
  name="${entry%%=*}" value="${entry#*=}"
  case "$name" in
    AIRFLOW__ENGINE__BUCKET_NAME) export ECOM_S3_BUCKET_NAME="$value" ;;
    AIRFLOW__ENGINE__REGION) export ECOM_AWS_REGION="$value" ;;
    AIRFLOW__ENGINE__*) export "LAKEHOUSE_${name#AIRFLOW__ENGINE__}=$value" ;;
  esac
done < <(env --null)
