# The two commands: `make run` and `make test`. Nothing needs to be configured.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: run test check format picture evening chaos programme kills kills-several stalled emulator agents-playground lock clean

run: .venv/run
	@$(BIN)/krets migrate
	@KRETS_TIME_TRAVEL=$${KRETS_TIME_TRAVEL:-true} exec $(BIN)/krets run

# One process for each core, and one more where tests wait for processes that they start. The browser
# tests run where Chromium is found; KRETS_BROWSER=required makes its absence a failure. Only the
# tests of the core and of time are followed line by line, for that slows down. The processes that
# tests start find what has been compiled, also where that is usually not kept.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -q --dist worksteal
CORES := $(shell $(PYTHON) -c "import os; print(os.cpu_count())")
FOLLOWED := tests/core tests/schedules

test: .venv/test
	@$(PYTEST) -n $(CORES) $(FOLLOWED) \
		--cov=bot.core --cov=schedules --cov-report=term:skip-covered
	@$(BIN)/coverage report --include='bot/core/*,schedules/*' --skip-covered --fail-under=100
	@$(PYTEST) -n $$(($(CORES) + 1)) $(addprefix --ignore=,$(FOLLOWED))

check: .venv/test
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/test
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The README's picture; others worth a look lie beside it in var/pictures.
picture: .venv/test
	@mkdir -p var/pictures
	@$(BIN)/python -m tests.end_to_end.picture var/pictures
	@cp var/pictures/playground.png docs/

# One meeting from beginning to end on four phones, in each language: sheets in var/pictures, and
# the pictures that the README shows.
evening: .venv/test
	@mkdir -p var/pictures
	@$(BIN)/python -m tests.end_to_end.evening var/pictures docs/pictures

# Ten meetings in a Slack and in a Teams on a bad day, another one each time; `make test` holds three
# on one.
chaos: .venv/test
	@KRETS_MEETINGS=10 KRETS_SEED=$${KRETS_SEED:-$$(date +%s)} \
		$(BIN)/python -m pytest -q -o log_cli=true --log-cli-level=info \
		$(foreach one,aiohttp.access apscheduler.scheduler apscheduler.executors.default \
		bot.sending adapters.slack.replies,--log-disable=$(one)) \
		tests/end_to_end/test_slack_chaos.py tests/end_to_end/test_teams_chaos.py

# A whole programme in a browser; `make test` plays three of its meetings there.
programme: .venv/test
	@KRETS_BROWSER=required KRETS_MEETINGS=10 $(BIN)/python -m pytest -q \
		"tests/end_to_end/test_programme.py::test_one_whole_programme[browser]"

# Slack's door while Microsoft gives no keys, and then no tokens.
stalled: .venv/test
	@$(BIN)/python -m tests.stalled

# A process on SQLite that is killed again and again while people press buttons.
# The same to web, worker, clock and PostgreSQL: `make kills-several`.
kills-several: .venv/test
	@$(BIN)/python -m tests.kills_several --kills $${KRETS_KILLS:-20} --seed $${KRETS_SEED:-1}

kills: .venv/test
	@$(BIN)/python -m tests.kills --kills $${KRETS_KILLS:-200} --seed $${KRETS_SEED:-1}

# Ten meetings beside an emulator of Slack that npm brings; pictures of the cards in var/pictures.
emulator: .venv/test var/emulator/installed
	@$(BIN)/python -m tests.emulator var/emulator var/pictures

var/emulator/installed: tests/emulator/package-lock.json
	@echo "Installing an emulator of Slack into var/emulator ..."
	@mkdir -p $(@D)
	@cp tests/emulator/package.json tests/emulator/package-lock.json tests/emulator/.npmrc $(@D)
	@cd $(@D) && npm ci --ignore-scripts --silent
	@touch $@

# Krets in Microsoft's client for trying a bot of Teams, which npm brings, and all its cards before
# Microsoft's library; pictures of both in var/pictures.
agents-playground: .venv/test var/agents-playground/installed
	@$(BIN)/python -m tests.agents_playground var/agents-playground var/pictures

var/agents-playground/installed: tests/agents_playground/package-lock.json
	@echo "Installing Microsoft's Agents Playground into var/agents-playground ..."
	@mkdir -p $(@D)
	@cd tests/agents_playground && cp package.json package-lock.json .npmrc $(CURDIR)/$(@D)
	@cd $(@D) && npm ci --ignore-scripts --silent
	@touch $@

# Pinned with hashes for every platform and Python, and without the address of any index.
lock:
	uv pip compile pyproject.toml --extra build --universal --python-version 3.11 \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet \
		--output-file requirements.lock
	uv pip compile pyproject.toml --extra build --extra postgres --universal --python-version 3.11 \
		--constraint requirements.lock \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet \
		--output-file requirements-postgres.lock
	uv pip compile pyproject.toml --extra build --extra postgres --extra test --universal --python-version 3.11 \
		--constraint requirements.lock \
		--generate-hashes --no-emit-index-url --no-annotate --no-header --quiet \
		--output-file requirements-test.lock

clean:
	rm -rf .venv

.venv/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v <= (3, 13) else \
		"Krets needs Python 3.11, 3.12 or 3.13; this is %d.%d. Try: make run PYTHON=python3.12" % v)'
	@$(PYTHON) -m venv .venv

.venv/run: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing Krets into .venv (the first time takes about a minute) ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.venv/test: requirements-test.lock .venv/run
	@echo "Installing what the tests need into .venv ..."
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements-test.lock
	@touch $@
