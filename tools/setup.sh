#!/usr/bin/env bash
# Puts all the project needs into the project: uv in .tools/, the locked dependencies in .venv/.
# The machine's own Python is used; only packages are fetched. Costs some 20 ms when there is nothing to do.
set -euo pipefail
cd "$(dirname "$0")/.."

uv_version=0.13.9
uv_home=.tools/uv-$uv_version
stamp=.venv/.installed

say() { printf '==> %s\n' "$*"; }
stop() { printf '\nERROR: %s\n' "$*" >&2; exit 1; }

# What an installation depends on; when none of it changed, nothing is done, and no network is needed.
wanted() { cat uv.lock pyproject.toml tools/setup.sh | cksum; }

is_installed() { [ -f $stamp ] && [ "$(cat $stamp)" = "$(wanted)" ] && .venv/bin/python -c '' 2>/dev/null; }

# The full path of a Python that all locked packages have wheels for (3.11 to 3.14); else of a newer one.
find_python() {
    local name found newer='' version='import sys; print("%d%02d" % sys.version_info[:2], sys.executable)'
    for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        found=$("$name" -c "$version" 2>/dev/null) || continue
        if [ "${found%% *}" -gt 314 ]; then newer=${newer:-${found#* }}; continue; fi
        if [ "${found%% *}" -ge 311 ]; then printf '%s\n' "${found#* }"; return; fi
    done
    printf '%s\n' "$newer"
}

install_uv_in_venv() { "$python" -m venv --clear "$uv_home" && "$uv_home/bin/python" -m pip install -q "uv==$uv_version"; }
install_uv_with_pip() { rm -rf "$uv_home" && "$python" -m pip install -q --target "$uv_home" "uv==$uv_version"; }
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
install_venv_module() {
    command -v apt-get >/dev/null && as_root true 2>/dev/null || return 1
    say "Python lacks its venv module: apt-get install python3-venv"
    as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy python3-venv
}

# Debian and Ubuntu ship Python without ensurepip: then pip, where it is there, else the package that completes Python.
install_uv() {
    local log=.tools/uv-install.log
    mkdir -p .tools
    install_uv_in_venv >$log 2>&1 && return
    install_uv_with_pip >>$log 2>&1 && return
    if install_venv_module >>$log 2>&1 && install_uv_in_venv >>$log 2>&1; then return; fi
    tail -n 5 $log >&2
    rm -rf "$uv_home"
    if "$python" -c 'import ensurepip' 2>/dev/null; then
        stop "uv could not be installed from PyPI (whole log: $log). Is the network, or the mirror set for pip, reachable?"
    fi
    stop "$python has neither venv nor pip. Type: sudo apt-get install python3-venv   and run make again."
}

if is_installed; then exit 0; fi

python=$(find_python)
[ -n "$python" ] || stop "Python 3.11 or newer is needed and was not found (python3 is $(python3 --version 2>&1 || true)).
       Install one (Debian/Ubuntu: apt-get install python3 python3-venv; macOS: brew install python) or say PYTHON=/path/to/python3."
say "Python: $("$python" --version) at $python"

if [ ! -x "$uv_home/bin/uv" ]; then
    say "Installing uv $uv_version from PyPI into .tools/"
    install_uv
fi

say "Installing the locked packages into .venv/ (once; some 100 packages, 1.4 GB on disk)"
export UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv
unset VIRTUAL_ENV
sync() { "$uv_home/bin/uv" sync --locked --python "$python" "$@"; }
# Behind a company's proxy only the machine's own certificates prove who answers; a bare machine may have none.
sync || { say "Once more, with the machine's own certificates"; sync --system-certs; } \
    || stop "the packages could not be installed; the lines above say which one and why. Nothing else was changed: run make again."
wanted >$stamp
say "Installed."
