# Needs Debian's python3 (3.11 or later) with python3-venv, and make. Nothing else.
PYTHON ?= python3
BIN := .venv/bin
DEMO := runs/demo

.PHONY: demo figures page plain-vae score-pages registry-pages licences platforms docs notebooks gallery test check format docs-examples release clean

demo: .venv/installed  ## The main job: circles in, the question answered
	$(BIN)/tinyvae train --out $(DEMO) --overwrite
	@echo "The pictures are in $(DEMO)/pictures; begin with traversals.png."

figures: demo .venv/tested  ## The figures of the README, from the main job
	cd $(DEMO)/pictures && cp answer.png decoder.png encoder.png training.png traversals.png $(CURDIR)/docs/figures
	$(BIN)/python docs/page_figure.py $(DEMO)

page: .venv/installed  ## A page of the default models, for any static host: runs/page.html
	for objective in coarse-to-fine vae beta-vae; do \
		$(BIN)/tinyvae train --objective $$objective --no-pictures --out runs/page-$$objective --resume || exit; \
	done
	$(BIN)/tinyvae report runs/page-coarse-to-fine runs/page-vae runs/page-beta-vae --out runs/page.html

score-pages: .venv/installed  ## docs/scores: a page and a figure for each score
	$(BIN)/python docs/score_pages.py

registry-pages: .venv/installed  ## docs: a page for each world and objective; networks
	$(BIN)/python docs/registry_pages.py

licences: .venv/tested  ## docs: packages that are installed, and their licences
	$(BIN)/python docs/licences.py

platforms: .venv/installed  ## docs: systems for which every package has a wheel
	$(BIN)/python docs/platforms.py

docs: .venv/tested  ## The site: build/docs/index.html; every warning is an error
	$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going -c docs -d build/doctrees . build/docs
	$(BIN)/python docs/check_site.py build/docs

plain-vae: .venv/installed  ## The plain VAE of the page's third lesson
	$(BIN)/python docs/plain_vae.py

notebooks: .venv/tested  ## Execute the notebooks, and keep what they print
	$(BIN)/python docs/run_notebooks.py

gallery: .venv/installed  ## Every figure of the gallery, and its page
	$(BIN)/tinyvae train --no-pictures --out $(DEMO) --resume
	$(BIN)/tinyvae train --no-pictures --objective vae --members 1 --out runs/plain --resume
	$(BIN)/python docs/gallery.py

test: .venv/tested  ## All tests
	$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder

check: .venv/tested  ## Lint, format and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

docs-examples: .venv/tested  ## The examples in docstrings and documents
	$(BIN)/python -m pytest -q --doctest-modules src/tinyvae --doctest-glob='*.md' README.md docs

release: .venv/tested  ## dist: the wheel and the source distribution
	rm -rf dist
	$(BIN)/python -m hatchling build

format: .venv/tested  ## Mend lint and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

.venv/tested: .venv/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,docs]'
	@command -v chromium >/dev/null || (apt-get update -qq && apt-get install -qq -y chromium >/dev/null) \
		|| echo "No Chromium, and it cannot be installed here: the tests of the page will be skipped."
	touch $@

clean:
	rm -rf .venv build dist
