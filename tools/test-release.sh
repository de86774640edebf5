#!/usr/bin/env bash
# Builds the release that contract and browser tests read, in data/test/, unless what it is made from is unchanged.
# It stands apart from the release that is served: a user's own register must not change what the tests see.
set -euo pipefail
cd "$(dirname "$0")/.."
export GEODATA_DIR=data/test LC_ALL=C
unset CENTRES COUNTS DEMAND FRICTION ROADS NODES MINUTES ELEVATION

stamp=$GEODATA_DIR/made-from
made_from=$({ find etl geodata -type f ! -path '*__pycache__*' | sort; find etl geodata -type f ! -path '*__pycache__*' | sort | xargs cat; cat uv.lock; } | cksum)

if [ -s $GEODATA_DIR/CURRENT ] && [ "$(cat $stamp 2>/dev/null)" = "$made_from" ]; then
    printf 'The test release is up to date: %s\n' "$(cat $GEODATA_DIR/CURRENT)"
    exit 0
fi
.venv/bin/python -m etl build
printf '%s\n' "$made_from" >$stamp
