#!/bin/sh
# The city against what `validate` may be calibrated by (calibrate_city.yaml says against what, by
# which parameters), then the best set held against all of it, those held out too, and a comparison
# over the sets that are left. Stopped, it goes on where it was.
# The defaults are not that set: docs/validation.md says how they were chosen.
#
# sh experiments/calibrate_city.sh [FOLDER]     (about an hour on two cores)
set -e
out=${1:-omemsim-results/calibrate-city}
here=$(dirname "$0")
omemsim calibrate "$here/calibrate_city.yaml" out="$out" store="$out-store"
omemsim validate town=city setting="$out/best.yaml" out="$out-validate" store="$out-store"
if grep -q '"sets": \[\]' "$out/plausible.json"; then
  echo "No set is plausible: there is nothing to compare over. The best set is $out/best.yaml."
else
  omemsim compare reactive hot_spots omem town=city years=5 \
    uncertainty="$out/plausible.json" out="$out-compare" store="$out-store"
fi
