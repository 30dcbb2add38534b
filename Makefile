.DEFAULT_GOAL := help
.PHONY: help preview test check golden bench image release apply up down cluster cluster-down e2e

help: ## What there is
	@grep -E '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

preview: ## Show what every stack would get (ARGS="prod --format yaml" for more)
	@scripts/preview $(ARGS)

test: ## Run the tests that need no cluster
	@scripts/test $(ARGS)

check: ## Lint, formatting and types
	@scripts/check

golden: ## Rewrite the golden manifests
	@scripts/golden

bench: ## Measure against the tools a user would pick instead
	@scripts/bench $(ARGS)

image: ## Build and push the images of a stack (STACK=dev)
	@scripts/image "$(STACK)" $(ARGS)

release: ## Write a stack's images into the lock file, for others to promote (STACK=staging)
	@scripts/release "$(STACK)" $(ARGS)

apply: ## Deploy a stack with kubectl alone (STACK=dev)
	@scripts/apply "$(STACK)" $(ARGS)

up: ## Deploy a stack with Pulumi (STACK=dev)
	@scripts/up "$(STACK)" $(ARGS)

down: ## Remove what apply or up has made of a stack (STACK=dev)
	@scripts/down "$(STACK)" $(ARGS)

cluster: ## Start a disposable Kubernetes cluster and registry (the first time builds it: ten minutes)
	@scripts/cluster up

cluster-down: ## End it, and leave nothing
	@scripts/cluster down

e2e: ## Prove the promises on a real cluster
	@scripts/e2e $(ARGS)
