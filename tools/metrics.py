#!/usr/bin/env python3
"""Compares omote's verification metrics with scikit-learn's on random scores, plain and with heavy ties.

    pip install numpy scikit-learn
    tools/metrics.py OMOTE [--lists 12] [--seed 0]

Each list is written as CSV and measured by `omote eval scores FILE --json --all-points`. Compared to 1e-9: every point of
the ROC (roc_curve without dropped points), the area under it (roc_auc_score), the equal error rate (where that polyline
cuts TAR = 1 - FMR), and FNMR at FMR by the strict rule (the largest TAR of a point with that FMR or less). Exits with 1 if
anything differs by more, or if a run left nothing to compare."""
import argparse, json, pathlib, subprocess, sys, tempfile

import numpy as np
from sklearn.metrics import roc_auc_score, roc_curve

TOLERANCE = 1e-9
RATES = (0.3, 0.1, 0.03, 0.01, 0.001)


def random_list(random, number):
    """Labels and f32 scores; every other list has few different scores, and so many ties."""
    genuine, impostors = random.integers(1, 3000), random.integers(1, 20000)
    scores = np.r_[random.normal(random.uniform(0, 3), 1, genuine), random.normal(0, random.uniform(.3, 2), impostors)]
    if number % 2:
        scores = np.round(scores * random.integers(1, 20))
    order = random.permutation(genuine + impostors)
    return (np.arange(genuine + impostors) < genuine)[order], (scores / 4).astype(np.float32)[order]


def measured(omote, same, scores, path):
    """The summary that omote prints; 9 digits tell every f32."""
    path.write_text('same,score\n' + ''.join(f'{s:d},{v:.9g}\n' for s, v in zip(same, scores)))
    command = [omote, 'eval', 'scores', str(path), '--json', '--all-points', '--fmr', ','.join(map(str, RATES))]
    command += ['--resamples', '40']
    run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode != 0:
        sys.exit(f'{" ".join(command)}\n{run.stdout}{run.stderr}')
    return json.loads(run.stdout.splitlines()[-1])


def crossing(fmr, tar):
    """Where the polyline has FMR = 1 - TAR."""
    excess = fmr + tar - 1
    after = int(np.argmax(excess >= 0))
    part = excess[after - 1] / (excess[after - 1] - excess[after])
    return fmr[after - 1] + part * (fmr[after] - fmr[after - 1])


def differences(ours, same, scores):
    """Name and largest difference of each quantity."""
    scores = scores.astype(np.float64)
    fmr, tar, thresholds = roc_curve(same, scores, drop_intermediate=False)
    points = np.array([[f, t] for f, t, _ in ours['roc']])
    if points.shape != (len(fmr), 2):
        yield f'ROC has {len(points)} points instead of {len(fmr)}', np.inf
        return
    # The first point accepts nothing: its threshold is a matter of taste.
    our_thresholds = np.array([threshold for _, _, threshold in ours['roc'][1:]], np.float64)
    yield 'ROC', np.abs(points - np.c_[fmr, tar]).max()
    yield 'threshold', np.abs(our_thresholds - thresholds[1:]).max()
    yield 'AUC', abs(ours['auc'] - roc_auc_score(same, scores))
    yield 'EER', abs(ours['eer'] - crossing(fmr, tar))
    for point in ours['fnmr_at_fmr']:
        # Rates from too few false matches are refused, not reported.
        if 'fnmr' in point:
            allowed = fmr <= point['fmr_asked']
            yield 'FNMR at FMR', abs(point['fnmr'] - (1 - tar[allowed].max()))
            yield 'FMR reached', abs(point['fmr'] - fmr[allowed].max())
            accepted = scores >= point['threshold']
            yield 'rates at the threshold', max(abs(point['fmr'] - accepted[~same].mean()),
                                                abs(point['fnmr'] - (~accepted[same]).mean()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('omote')
    parser.add_argument('--lists', type=int, default=12)
    parser.add_argument('--seed', type=int, default=0)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    worst, compared = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.lists):
            same, scores = random_list(random, number)
            ours = measured(options.omote, same, scores, pathlib.Path(folder) / 'scores.csv')
            for name, difference in differences(ours, same, scores):
                # Not max(), which loses a NaN.
                worst[name] = np.maximum(worst.get(name, 0), difference)
                compared[name] = compared.get(name, 0) + 1
    for name, difference in worst.items():
        print(f'{name}: {compared[name]} compared, largest difference {difference:.1e}')
    agree = all(difference <= TOLERANCE for difference in worst.values())
    sys.exit(not (agree and {'ROC', 'AUC', 'EER', 'FNMR at FMR'} <= worst.keys()))


if __name__ == '__main__':
    main()
