# Two commands: make start (learn) and make test. Without make: python3 src/tpmkit/bootstrap.py start
# Another Python: make start PYTHON=python3.12        Options: make start ARGS="--port 9000"

PYTHON ?= $(shell command -v python3 || command -v python)
ARGS ?=

.PHONY: help start install test test-all build doctor bundle clean lock

help:
	@echo "make start     install what is missing, fill workspace/, open JupyterLab"
	@echo "make test      everything CI runs, with a summary"
	@echo "make test-all  the long suites as well"
	@echo "make build     build the notebooks from solutions/"
	@echo "make doctor    what works on this machine, and the remedy for what does not"
	@echo "make bundle    the archive an instructor hands out"
	@echo "make lock      choose versions anew after a change of dependencies in pyproject.toml"
	@echo "make clean     remove what was installed and built; the workspace stays"

start install test test-all build doctor bundle clean:
	@if [ -z "$(PYTHON)" ] || ! "$(PYTHON)" -c "" 2>/dev/null; then \
	  echo "No Python answers here. Install Python 3.12 (python.org/downloads; Debian and Ubuntu:" \
	       "sudo apt install python3 python3-venv; macOS: brew install python@3.12)," \
	       "then run make $@ again." >&2; \
	  exit 1; \
	fi
	@"$(PYTHON)" src/tpmkit/bootstrap.py $@ $(ARGS)

lock:
	.venv/bin/uv pip compile pyproject.toml --extra test --extra build --extra cluster --universal \
	  --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements.lock
