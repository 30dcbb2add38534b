.DEFAULT_GOAL := help
.PHONY: help preview test check golden bench image apply up down e2e

help: ## What there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

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

image: ## Build and push the images of a stack (STACK=dev)
	@scripts/image "$(STACK)" $(ARGS)

apply: ## Deploy a stack with kubectl alone (STACK=dev)
	@scripts/apply "$(STACK)" $(ARGS)

up: ## Deploy a stack with Pulumi (STACK=dev)
	@scripts/up "$(STACK)" $(ARGS)

down: ## Remove what apply or up has made of a stack (STACK=dev)
	@scripts/down "$(STACK)" $(ARGS)

e2e: ## Prove the promises on a real cluster
	@scripts/e2e $(ARGS)
