# make run     the service on http://127.0.0.1:8000
# make test    all tests
# make check   style, types, imports, licences
# make bench   how fast it is, how good it is
# make lock    write the lock files again from pyproject.toml

export PYTHON ?= python3

.PHONY: run test check bench lock

run:
	scripts/setup
	.venv/bin/zhuti serve

test:
	scripts/test

check:
	scripts/check

bench:
	scripts/bench

lock:
	scripts/setup
	scripts/lock
