#!/bin/sh
# Eight parameters against the evidence's levels of crime and calls, then a comparison over the sets
# that are left. Stopped, it goes on where it was.
set -e
out=${1:-omemsim-results/calibrate-city}
# First all rows of one run that may be fitted: whether any set meets them at once is a finding.
omemsim calibrate town=city waves=1 out="$out-all" store="$out-store"
omemsim calibrate town=city targets=P5b,P5c,P10,P26 out="$out" store="$out-store"
omemsim compare reactive hot_spots omem town=city years=5 \
  uncertainty="$out/plausible.json" out="$out-compare" store="$out-store"
