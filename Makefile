PORT ?= 8765
PY   := .venv/bin/python
STAMP := .venv/.ready

.PHONY: setup demo test test-all lint docs picture run bench bench-trust clean

setup: $(STAMP)

$(STAMP): requirements-dev.txt pyproject.toml $(wildcard words/*/LC_MESSAGES/*.po)
	@test -x $(PY) || python3 -m venv .venv
	@$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(PY) -m words
	@touch $@

demo: setup
	@$(PY) -m simulator --port $(PORT)

test: setup
	@$(PY) -m pytest -n 2 --dist loadscope --no-loadscope-reorder

test-all: export KEGUAN_EVERY_STORY = 1
test-all: test

lint: setup
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy
	@.venv/bin/lint-imports
	@$(PY) -m docs --check

docs: setup
	@$(PY) -m docs

picture: setup
	@KEGUAN_KEEP_PICTURE=1 $(PY) -m pytest tests/stories/test_page.py -k newcomer

bench: setup
	@$(PY) -m bench

bench-trust: setup
	@$(PY) -m bench.trust

run: setup
	@.venv/bin/keguan run

clean:
	rm -rf .venv build *.egg-info
