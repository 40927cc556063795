PYTHON ?= python3
.PHONY: drill audit sbom lint-infra infra-package infra-init infra-plan infra-apply infra-deploy infra-smoke infra-rollback infra-up test-infra broken-laws chaos compose-test dist dist-test fuzz setup demo lint test test-slow test-fast test-engine test-local-aws test-end-to-end down lock wheel
.NOTPARALLEL:

setup:
	@$(PYTHON) -m scripts.bootstrap setup
demo: setup
	.venv/bin/lakehouse up
	.venv/bin/lakehouse run ecommerce --data-dir sample/ecommerce
down:
	.venv/bin/lakehouse down

lint:
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	PYTHONPATH=plugins .venv/bin/lint-imports

# Which tests run where: CONTRIBUTING.md.
of_airflow = $(wildcard tests/test_*.py tests/broken_laws tests/oracle tests/scripts tests/orchestration tests/dags tests/lakehouse/cli \
	tests/lakehouse/operations tests/lakehouse/recorder tests/lakehouse/simulate/coinbase tests/lakehouse/simulate/fhir laptop/tests)
of_engine = tests/lakehouse --ignore tests/lakehouse/cli --ignore tests/lakehouse/operations --ignore tests/lakehouse/recorder \
	--ignore tests/lakehouse/simulate/coinbase --ignore tests/lakehouse/simulate/fhir
end_to_end = $(wildcard tests/end_to_end)
# A process for each of two cores; a file stays in one, with what its tests share.
PARALLEL ?= --numprocesses 2 --dist loadfile --no-loadscope-reorder

test: setup test-fast test-engine test-local-aws test-end-to-end
	.venv/bin/coverage report
# What takes minutes a test, every night.
test-slow: setup
	.venv-glue/bin/python -m pytest -q $(of_engine) -m slow
	.venv/bin/python -m pytest -q $(addprefix tests/end_to_end/test_,ecommerce.py killed.py cold.py histories.py plan.py drill.py lost_region.py enforced_iam.py)
test-fast:
	.venv/bin/python -m pytest -q $(PARALLEL) --cov --cov-report= $(of_airflow)
test-engine:
	.venv-glue/bin/python -m pytest -q $(PARALLEL) --cov --cov-append --cov-report= $(of_engine) -m "not spark and not slow"
	.venv-glue/bin/python -m pytest -q $(PARALLEL) --cov --cov-append --cov-report= $(of_engine) -m "spark and not slow"
test-local-aws: .cache/awscli/installed
	.venv/bin/python -m pytest -q $(PARALLEL) local_aws/tests
# A client that judges the embedded AWS; it pins another botocore than ours.
AWSCLI_VERSION = 1.46.3
.cache/awscli/installed:
	$(PYTHON) -m venv --clear .cache/awscli
	.cache/awscli/bin/pip install --quiet awscli==$(AWSCLI_VERSION)
	@touch $@
# Needs Terraform: docs/infrastructure.md.
test-infra:
	.venv/bin/python -m pytest -q tests/infra
test-end-to-end:
	$(if $(end_to_end),.venv/bin/python -m pytest -q $(end_to_end) -m "not slow")

# Read mutations of the hostile files for some minutes; `make fuzz SEED=2 EXAMPLES=1000`.
SEED ?= 1
EXAMPLES ?= 50000
fuzz:
	@mkdir -p build; .venv-glue/bin/python -m tests.lakehouse.ingestion.fuzz --cases --seed $(SEED) --count $(EXAMPLES) > build/fuzz.log; \
	status=$$?; tail -n 1 build/fuzz.log; exit $$status

# Kill runs of ecommerce at 200 calls and of market_data at 100, and compare all tables with a clean load: hours. Stopped, it
# goes on where it was, while lakehouse/ and include/ stay as they are.
# `make chaos POINTS=20 CHAOS_SEED=7`.
POINTS ?= 200
CHAOS_SEED ?= 4
chaos:
	@mkdir -p build
	LAKEHOUSE_CHAOS_POINTS=$(POINTS) LAKEHOUSE_CHAOS_SEED=$(CHAOS_SEED) LAKEHOUSE_CHAOS_REPORT=build/chaos.json \
		.venv-glue/bin/python -m pytest -q -s tests/lakehouse/chaos

# Destroy tables, a log and Airflow's database, lose a region, recover by the commands of docs/disaster_recovery.md, and tell how
# long it took: some fifteen minutes.
drill:
	.venv/bin/python -m pytest -q -s tests/end_to_end/test_drill.py tests/end_to_end/test_lost_region.py

# Break each law on purpose, in a copy of the checkout, and see a test fail; `make broken-laws LAW=order`.
LAW ?=
broken-laws:
	.venv/bin/python -m tests.broken_laws "$(LAW)"

lock:
	$(PYTHON) -m scripts.bootstrap lock
wheel:
	.venv/bin/python -m hatchling build -t wheel

# The artifacts of MWAA and Glue, the same bytes for the same commit: docs/deployment.md.
dist: setup
	.venv/bin/python -m scripts.dist
	.venv/bin/lakehouse doctor --mwaa --report build/mwaa.json
# Installs them in full, as MWAA does at its start, and runs a DAG from there: minutes.
dist-test: setup
	.venv/bin/python -m pytest -q tests/mwaa

# The stack in containers: built, started, run, stopped, started again. Needs Docker; see tests/compose.
compose-test: setup
	.venv/bin/python -m pytest -q tests/compose

# Terraform, CloudFormation and workflows by their own linters: docs/infrastructure.md.
CHECKOV_VERSION = 3.3.30
ACTIONLINT ?= go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.7
lint-infra: .cache/checkov/$(CHECKOV_VERSION)
	terraform fmt -check -recursive infra/terraform
	.venv/bin/cfn-lint infra/cloudformation/*.yaml
	BC_SKIP_MAPPING=TRUE .cache/checkov/bin/checkov --config-file infra/terraform/.checkov.yaml --directory infra/terraform
	$(ACTIONLINT) .github/workflows/*.yaml
# Its requirements contradict those of Airflow, so it has an environment of its own.
.cache/checkov/$(CHECKOV_VERSION):
	$(PYTHON) -m venv --clear .cache/checkov
	.cache/checkov/bin/pip install --quiet checkov==$(CHECKOV_VERSION)
	@touch $@

# What is installed, with licences (CycloneDX); known vulnerabilities of what the locks name, which PyPI is asked for.
SBOM_TOOLS = cyclonedx-bom==7.1.0 pip-audit==2.9.0
sbom: .cache/sbom/$(firstword $(SBOM_TOOLS))
	@mkdir -p dist/sbom
	.cache/sbom/bin/cyclonedx-py environment .venv/bin/python --output-reproducible --of JSON -o dist/sbom/airflow.json
	.cache/sbom/bin/cyclonedx-py environment .venv-glue/bin/python --output-reproducible --of JSON -o dist/sbom/glue.json
	.venv/bin/python -m scripts.licences dist/sbom/airflow.json dist/sbom/glue.json > dist/sbom/licences.txt
audit: .cache/sbom/$(firstword $(SBOM_TOOLS))
	.cache/sbom/bin/pip-audit --strict --disable-pip --require-hashes -r locks/airflow.txt
	.cache/sbom/bin/pip-audit --strict --disable-pip --require-hashes -r locks/glue.txt
.cache/sbom/$(firstword $(SBOM_TOOLS)):
	$(PYTHON) -m venv --clear .cache/sbom
	.cache/sbom/bin/pip install --quiet $(SBOM_TOOLS)
	@touch $@

# An environment of an account: make infra-plan ENVIRONMENT=prod. Credentials are those of AWS's own variables.
# `embedded` is dev on a laptop: docs/deployment.md.
ENVIRONMENT ?= dev
OF_SETTINGS = $(ENVIRONMENT:embedded=dev)
TERRAFORM = terraform -chdir=infra/terraform
VARIABLES = $(if $(filter embedded,$(ENVIRONMENT)),-var-file=environments/dev.tfvars) -var-file=environments/$(ENVIRONMENT).tfvars
infra-package:
	@$(PYTHON) -m scripts.package_function
infra-init:
	@$(TERRAFORM) init -input=false -reconfigure -backend-config=environments/$(ENVIRONMENT).s3.tfbackend \
		-backend-config="bucket=$${STATE_BUCKET:?names the bucket of the state: docs/infrastructure.md}"
infra-plan: infra-init
	@mkdir -p build
	$(TERRAFORM) plan -input=false -lock-timeout=5m $(VARIABLES) -out=$(ENVIRONMENT).tfplan
	@$(TERRAFORM) show -no-color $(ENVIRONMENT).tfplan > build/$(ENVIRONMENT).plan.txt
infra-apply: infra-init
	$(TERRAFORM) apply -input=false -auto-approve -lock-timeout=5m $(VARIABLES)
# What Glue and MWAA run, where Terraform's outputs say: a build of `make dist`, a run that must end well, the build before.
BUILD ?= dist/mwaa/$(shell git rev-parse HEAD)
THERE = $(TERRAFORM) output -json lakehouse_environment | .venv/bin/python -m scripts.with_environment .venv/bin/lakehouse
infra-deploy: infra-init
	@$(PYTHON) -m scripts.bootstrap environment
	$(THERE) deploy --build $(BUILD) --env $(OF_SETTINGS)
infra-smoke: infra-init
	$(THERE) run ecommerce $(if $(DATA),--data-dir $(DATA))
infra-rollback: infra-init
	$(THERE) rollback --env $(OF_SETTINGS)
# Airflow of this machine on the account that Terraform made of `lakehouse up --no-provision --no-airflow`.
infra-up: infra-init
	$(THERE) up --no-provision
