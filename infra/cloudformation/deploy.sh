#!/usr/bin/env bash
# Validate a template, show what would change, ask, deploy it, print its outputs. Options: deploy.sh --help
set -euo pipefail
cd "$(dirname "$0")/../.."
exec "${PYTHON:-.venv/bin/python}" -m scripts.cloudformation "$@"
