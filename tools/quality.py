#!/usr/bin/env python3
"""Error rates by face quality, on photos whose people are known: the table of docs/calibration.md.

    pip install numpy
    tools/quality.py OMOTE MODELS_DIR PHOTO_DIR IDENTITY_TXT [--fmr 1e-3]

IDENTITY_TXT has a line `file identity` for each photo of PHOTO_DIR. Of each photo the face nearest to the centre is taken. The
threshold is the one at which FMR of all pairs of different people match; a pair is as good as the worse of its faces."""
import argparse, json, pathlib, subprocess

import numpy as np

EDGES = [0, 20, 30, 40, 50, 60, 70, 80, 101]


def central(record):
    middle = np.array([record['width'], record['height']]) / 2
    return min(record['faces'], key=lambda face: np.hypot(*(np.reshape(face['box'], (2, 2)).mean(0) - middle)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('omote', 'models', 'photos', 'identity'):
        parser.add_argument(name)
    parser.add_argument('--fmr', type=float, default=1e-3)
    options = parser.parse_args()
    people = dict(line.split() for line in open(options.identity))
    command = [options.omote, 'embed', options.photos, '--models', options.models, '--embedder', 'mobilefacenet', '--json']
    vectors, quality, labels = [], [], []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        for record in map(json.loads, run.stdout):
            name = pathlib.Path(record['path']['text']).name if record['type'] == 'photo' else None
            if name in people and record['faces']:
                face = central(record)
                vectors.append(face['embedding'])
                quality.append(face['quality']['score'])
                labels.append(people[name])
    vectors, labels = np.array(vectors, 'f4'), np.unique(labels, return_inverse=True)[1]
    band = np.digitize(quality, EDGES) - 1
    rows, columns = np.triu_indices(len(vectors), 1)
    score = np.concatenate([vectors[i] @ vectors[i + 1:].T for i in range(len(vectors) - 1)])
    same, worse = labels[rows] == labels[columns], np.minimum(band[rows], band[columns])
    threshold = np.quantile(score[~same], 1 - options.fmr)
    print(f'{len(vectors)} photos, threshold {threshold:.4f}')
    for number, (low, high) in enumerate(zip(EDGES, EDGES[1:])):
        impostor, genuine = score[~same & (worse == number)], score[same & (worse == number)]
        if len(impostor) and len(genuine):
            print(f'{low} to {high}: {len(impostor)} pairs of different people, FMR {100 * (impostor >= threshold).mean():.3f} %, '
                  f'FNMR {100 * (genuine < threshold).mean():.0f} %')


if __name__ == '__main__':
    main()
