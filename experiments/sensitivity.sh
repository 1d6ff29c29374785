#!/bin/sh
# Which parameters decide how present_practice and omem compare; the ledger of assumptions is made of it.
set -e
out=${1:-omemsim-results/sensitivity}
omemsim sensitivity present_practice omem town=small trajectories=4 out="$out" store="$out-store"
cp "$out/sensitivity.csv" configs/sensitivity.csv
python -m omemsim.cli.ledger docs/assumptions.md
