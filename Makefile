.DEFAULT_GOAL := help
.PHONY: help preview test check golden bench cluster cluster-down

help: ## What there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

preview: ## Show what every stack would get (ARGS="prod --format yaml" for more)
	@scripts/preview $(ARGS)

test: ## Run the tests
	@scripts/test $(ARGS)

check: ## Lint, formatting and types
	@scripts/check

golden: ## Rewrite the golden manifests
	@scripts/golden

bench: ## Measure against the tools a user would pick instead
	@scripts/bench $(ARGS)

cluster: ## Start a disposable Kubernetes cluster and registry (the first time builds it: ten minutes)
	@scripts/cluster up

cluster-down: ## End it, and leave nothing
	@scripts/cluster down
