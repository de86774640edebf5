#!/usr/bin/env bash
# Prints the path of a Chromium or Chrome that starts, for browser tests and the bench; installs one where it may.
# Prints nothing, and says on stderr what that means, when there is none. With CI=true that is an error.
set -euo pipefail

say() { printf '==> %s\n' "$*" >&2; }

# A name on the PATH may be a stub (Ubuntu's chromium-browser asks for a snap): only one that answers counts.
find_browser() {
    local name path
    for name in "${ATLAS_BROWSER:-}" chromium google-chrome google-chrome-stable chromium-browser \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
        "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        [ -n "$name" ] && path=$(command -v "$name") && "$path" --version >/dev/null 2>&1 && printf '%s\n' "$path" && return
    done
    return 1
}

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }
may_install() { command -v apt-get >/dev/null && as_root true 2>/dev/null; }
install_packages() {
    say "apt-get install $*"
    { as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy "$@"; } >&2
}

if ! find_browser >/dev/null && may_install; then
    install_packages chromium fonts-noto-cjk || say "That failed."
fi
# Without a Chinese font half of every screenshot is empty boxes.
if command -v fc-list >/dev/null && [ -z "$(fc-list :lang=zh-cn family)" ] && may_install; then
    install_packages fonts-noto-cjk || say "That failed; Chinese will show as boxes."
fi

if ! find_browser; then
    say "NO BROWSER: neither Chromium nor Chrome was found, and none could be installed."
    say "Browser tests are SKIPPED. Install Chromium or Chrome, or set ATLAS_BROWSER=/path/to/it."
    [ "${CI:-}" != true ] || exit 1
fi
