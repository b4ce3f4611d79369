# The two commands: `make run` and `make test`. Each target first installs what it needs and the
# machine lacks (tools/bootstrap.sh says what and why); where nothing is missing that is a no-op.
#
#   make run ARGS="--port 9443 --data /srv/casement"     the cloud: API, console, first instance
#   make serve ARGS="--port 1444 --data /srv/one"        one instance without the cloud

# PostgreSQL's major version: one that is installed, else the one this system's packages have.
PG ?= $(shell tools/bootstrap.sh --postgresql)
ARGS ?=
SECONDS_EACH ?= 600
BUILD ?= build

.PHONY: run serve build test check-fast bench fuzz format clean

# What Windows servers need (QEMU and the like) is asked for and can be done without: the rest of the
# cloud starts, and `casement doctor` says what is missing.
# In a terminal Ctrl-C is expected to end all of it. Under systemd (dist/casementd.service) the
# database instances go on without the daemon.
run: build
	@tools/bootstrap.sh run servers
	@exec $(BUILD)/casementd --stop-instances yes $(ARGS)

serve: build
	@tools/bootstrap.sh run
	@exec $(BUILD)/casement serve $(ARGS)

build:
	@tools/bootstrap.sh build serverbuild
	@[ -f $(BUILD)/build.ninja ] || meson setup $(BUILD) -Dpg_config=/usr/lib/postgresql/$(PG)/bin/pg_config
	@ninja -C $(BUILD)

test: build
	@tools/bootstrap.sh run test clients servers guests
	@tests/run.py

# What a change is checked with while it is written: under three minutes.
check-fast: build
	@tools/bootstrap.sh run test
	@tests/run.py lint unit sql

bench: build
	@tools/bootstrap.sh run bench
	@bench/run.py $(ARGS)

# Every fuzz target in turn, SECONDS_EACH long, over its seeds and what earlier runs found.
fuzz: build
	@tools/bootstrap.sh run test
	@tests/fuzz/run.py --seconds $(SECONDS_EACH)

format:
	@git ls-files '*.c' '*.h' | xargs clang-format -i

clean:
	@rm -rf $(BUILD)
