.DEFAULT_GOAL := help
.PHONY: help run sam-local test test-sam branches check lint audit sbom format events iam bench build artifact deploy dynamodb-local emulator setup clean

BIN := .venv/bin
UV := .local/uv-command
SAM_VERSION := 1.170.0
SAM_TOOL := $(UV) tool run --python $(BIN)/python --from aws-sam-cli==$(SAM_VERSION)
SAM := SAM_CLI_TELEMETRY=0 UV_PYTHON_DOWNLOADS=never $(SAM_TOOL) sam

CALLS := .local/calls
AUDIT := .local/audit
SBOM ?= .local/sbom.cdx.json
CODE := shared functions local cli bench scripts examples
# A deployment with each protection that costs money, so that checks see all that the template can do.
EVERYTHING_ON := AccessLogs=true Tracing=Active KmsKeyArn=arn:aws:kms:eu-west-1:123456789012:key/audit

PORT ?= 8000
CONTRACT ?= standard
DYNAMODB ?= moto
override ARCHITECTURE = $(shell $(BIN)/python scripts/parameter $(ENVIRONMENT) Architecture)
ENVIRONMENT ?= default
MACHINE := $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)
# Containers of this machine run what was built for it, whatever an environment is deployed to.
sam-local test-sam: override ARCHITECTURE = $(MACHINE)
FOR_CONTAINERS = SAM_COMMAND="$(SAM_TOOL) sam" ARCHITECTURE=$(ARCHITECTURE) UV_PYTHON_DOWNLOADS=never
ARTIFACT ?= .local/artifact/build
LAMBDA_PYTHON ?= 3.13

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: setup ## Serve the API on this machine: PORT=8000 CONTRACT=standard DYNAMODB=moto|local
	@PORT=$(PORT) CONTRACT=$(CONTRACT) DYNAMODB=$(DYNAMODB) $(BIN)/python -m local

sam-local: build ## Serve one contract by SAM CLI, each function in a container: PORT=8000 CONTRACT=standard
	@$(FOR_CONTAINERS) PORT=$(PORT) CONTRACT=$(CONTRACT) $(BIN)/python -m local.sam_local

test: lint audit ## Run everything that a change must pass
	$(UV) lock --check --quiet
	for template in template.yaml examples/*/template.yaml; do \
		AWS_DEFAULT_REGION=eu-west-1 $(SAM) validate --lint --template "$$template" || exit; \
	done
	rm -rf $(CALLS)
	COVERAGE_CORE=sysmon $(BIN)/pytest --numprocesses auto --dist loadfile --cov --record-calls $(CALLS)
	PYTHONPATH=shared $(BIN)/python -m tests.privileges $(CALLS)

test-sam: build ## Run every event by `sam local invoke`, and sign in through `sam local start-api`
	$(FOR_CONTAINERS) $(BIN)/pytest tests/sam

branches: setup ## Run the tests and measure the branches that they take, which takes half as long again
	$(BIN)/pytest --numprocesses auto --dist loadfile --cov-branch --cov

check: lint ## Run the quick part of `make test`
	rm -rf $(CALLS)
	$(BIN)/pytest -x -q -m "not slow" --numprocesses auto --dist loadfile --record-calls $(CALLS)
	PYTHONPATH=shared $(BIN)/python -m tests.privileges $(CALLS)

lint: setup ## Check style, types and the template
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/cfn-lint template.yaml examples/*/template.yaml

audit: setup ## Look for what is known to be unsafe in code, template and dependencies
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive $(CODE)
	@mkdir -p $(AUDIT)
	$(BIN)/python scripts/resolved-template $(EVERYTHING_ON) >$(AUDIT)/template.json
	scripts/checkov --file $(AUDIT)/template.json
	$(UV) export --quiet --frozen --all-groups --format requirements.txt --output-file $(AUDIT)/requirements.txt
	$(BIN)/python scripts/audit-dependencies $(AUDIT)/requirements.txt

sbom: setup ## List what a deployment consists of, as CycloneDX: SBOM=.local/sbom.cdx.json
	$(UV) export --quiet --frozen --no-dev --group docs --preview-features sbom-export \
		--format cyclonedx1.5 --output-file $(SBOM)

format: setup ## Rewrite the code in the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

events: setup ## Write events/ anew, as the laptop server makes them now
	PYTHONPATH=shared $(BIN)/python -m tests.events

iam: setup ## Write the table of docs/iam.md anew, from the template's roles
	PYTHONPATH=shared $(BIN)/python -m tests.privileges.page

bench: setup ## Measure what it costs, beside others, and write docs/performance.md
	PYTHONPATH=shared $(BIN)/python -m bench

build: setup ## Build functions and layer for Lambda: ENVIRONMENT=default|dev|prod
	$(call built,$(ARCHITECTURE),.aws-sam/build)

artifact: setup ## Build the same for this machine's processor, to run it here: ARTIFACT=.local/artifact/build
	$(call built,$(MACHINE),$(ARTIFACT))

# $(call built,ARCHITECTURE,DIRECTORY): the layer compiles itself, and here the functions are.
define built
	ARCHITECTURE=$(1) LAMBDA_PYTHON=$(LAMBDA_PYTHON) $(SAM) build --config-env $(ENVIRONMENT) --build-dir "$(2)"
	scripts/compile-bytecode $(LAMBDA_PYTHON) /var/task "$(2)"/*Function
endef

deploy: build ## Deploy to your AWS account: ENVIRONMENT=default|dev|prod
	$(SAM) deploy --config-env $(ENVIRONMENT)

dynamodb-local: setup ## Fetch Amazon's DynamoDB Local, for DYNAMODB=local and the tests of races
	$(BIN)/python -c 'from local.dynamodb_local import fetch; print(fetch())'

# Prints the directory of the emulators of Lambda's runtime interface, which come with the SAM CLI.
emulator: setup
	@UV_PYTHON_DOWNLOADS=never $(SAM_TOOL) python -c 'import samcli.local.rapid as rapid; print(*rapid.__path__)'

setup:
	@scripts/setup

clean: ## Remove what was built and cached, but no data
	rm -rf .aws-sam .local/artifact .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find functions local shared cli tests bench -name __pycache__ -prune -exec rm -rf {} +
