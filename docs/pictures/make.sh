#!/usr/bin/env bash
# Makes the pictures of the README and of docs/. Each function records the command behind a picture.
#
#   docs/pictures/make.sh [NAME …]     default: all but interventions and cifar-edge, which take about an hour each
#
# Set GYRE to the program (default: gyre) and WORK to a folder for the runs (default: a temporary one, which is kept).
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
gyre=$(command -v "${GYRE:-gyre}")
work=${WORK:-$(mktemp -d)}
mkdir -p "$work"
cd "$work"
echo "runs are in $work"

keep() { cp "$1" "$root/docs/pictures/$2.png"; }
latest() { ls -dt runs/"$1"-* | head -1; }

run() { # 2 minutes
  "$gyre" run
  keep "$(latest fashion-mlp)/report/figure.png" run
}

ladder() { # 5 minutes; three seeds
  "$gyre" reproduce
  keep sweeps/reproduce-quick/report/ladder.png ladder
}

rates() { # 3 minutes; three seeds
  "$gyre" sweep rates --set sweep.seeds=3 --set training.evaluate_every=20
  for figure in accuracy rotation reductions; do
    keep "sweeps/rates/report/$figure.png" "$figure"
  done
}

advice() { # a minute
  "$gyre" advise quick --steps 200
  keep sweeps/advise-quick/report/advice.png advice
}

density() {
  "$gyre" inspect fashion-mlp --out density
  keep density/density.png density
}

landscape() {
  "$gyre" run diagonal
  "$gyre" landscape "$(latest diagonal)" --out landscape
  keep landscape/plane-pc1-pc2.png landscape
}

theory() {
  "$gyre" theory --out theory
  keep theory/map.png theory-map
  keep theory/surface.png theory-surface
}

measured() { # needs Python with PyTorch and NumPy
  python3 "$root/examples/pytorch/train.py" out
  "$gyre" measure out/model.pt out/checkpoints --data arrays --data-path out/train.npz --learning-rate 0.5
  keep "$(latest model-measured)/report/figure.png" measured
}

self-stabilisation() { # 15 minutes
  "$gyre" run fashion-mlp --probe self-stabilisation --set name=tanh --set model.activation=tanh \
    --set training.learning_rate=0.05 --set training.steps=1200
  keep "$(latest tanh)/report/self-stabilisation.png" self-stabilisation
}

page() { # needs Chromium; after run and rates
  GYRE_PICTURED=$work GYRE_PICTURED_RUN=$(latest fashion-mlp) GYRE_PICTURED_SWEEP=sweeps/rates \
    dotnet test --project "$root/tests/Gyre.Tests.Dashboard" -c Release --filter-class '*PagePictureTests'
}

interventions() { # 45 minutes
  "$gyre" reproduce --question rotation-causes-flattening
  keep sweeps/interventions/report/sharpness.png interventions
}

cifar-edge() { # 80 minutes; needs `gyre data get cifar-10`
  "$gyre" run fashion-mlp --set name=cifar-eos --set data.name=cifar-10 --set data.samples=5000 \
    --set data.subset=first --set model.activation=tanh --set objective.loss=squared-error \
    --set objective.chunk=5000 --set training.learning_rate=0.01 --set training.steps=6500 \
    --set training.evaluate_every=100 --set curvature.every=100 --set curvature.pairs=2 \
    --set curvature.burst_at_start=false
  keep "$(latest cifar-eos)/report/figure.png" cifar-edge
}

usual=(run ladder rates advice density landscape theory measured self-stabilisation page)
for picture in "${@:-${usual[@]}}"; do
  "$picture"
done
