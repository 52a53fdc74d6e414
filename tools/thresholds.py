#!/usr/bin/env python3
"""Measures the default thresholds of crates/matching/src/thresholds.toml on photos whose people are known.

    pip install numpy
    tools/thresholds.py OMOTE MODELS_DIR PHOTO_DIR IDENTITY_TXT [--fmr 1e-4] [--flip] [--embedder NAME]

IDENTITY_TXT has a line `file identity` for each photo of PHOTO_DIR, which is one flat folder. Of each photo the face
nearest to the centre is taken. Prints the cosine at which FMR of all pairs of different people match, and how many pairs
of the same person then do not."""
import argparse, collections, json, pathlib, subprocess

import numpy as np

BINS = 20000


def central(record):
    """The vector of the face nearest to the photo's centre."""
    middle = np.array([record['width'], record['height']]) / 2
    faces = record['faces']
    off = [np.hypot(*(np.array(f['box']).reshape(2, 2).mean(0) - middle)) for f in faces]
    return faces[int(np.argmin(off))]['embedding']


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ('omote', 'models', 'photos', 'identity'):
        parser.add_argument(name)
    parser.add_argument('--fmr', type=float, default=1e-4)
    parser.add_argument('--flip', action='store_true')
    parser.add_argument('--embedder', default='mobilefacenet')
    options = parser.parse_args()
    people = dict(line.split() for line in open(options.identity))
    command = [options.omote, 'embed', options.photos, '--models', options.models, '--embedder', options.embedder, '--json']
    command += ['--flip'] * options.flip
    vectors, labels, missed = [], [], 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stdout:
            record = json.loads(line)
            if record['type'] == 'photo':
                name = pathlib.Path(record['path']['text']).name
                if record['faces'] and name in people:
                    vectors.append(central(record))
                    labels.append(people[name])
                else:
                    missed += 1
            elif record['type'] == 'summary':
                ran = record['ran']
    vectors, labels = np.array(vectors, 'f4'), np.unique(labels, return_inverse=True)[1]
    counts = {kind: np.zeros(BINS + 1, np.int64) for kind in (True, False)}
    for start in range(0, len(vectors), 500):
        scores = vectors[start:start + 500] @ vectors.T
        rows = np.arange(start, start + len(scores))[:, None]
        upper = np.arange(len(vectors))[None] > rows
        same = labels[rows] == labels[None]
        for kind in counts:
            chosen = scores[upper & (same == kind)]
            counts[kind] += np.bincount(((chosen + 1) / 2 * BINS).clip(0, BINS).astype(int), minlength=BINS + 1)
    above = counts[False][::-1].cumsum()[::-1]
    impostors, genuine = int(counts[False].sum()), int(counts[True].sum())
    at = int(np.argmax(above <= options.fmr * impostors))
    print(f'{len(vectors)} photos of {labels.max() + 1} people, {missed} without a face; ran {ran["embedder"]["name"]} on {ran["engine"]}')
    print(f'fingerprint = "{ran["embedder"]["fingerprint"]}"')
    print(f'cosine = {at / BINS * 2 - 1:.4f}\nfmr = {above[at] / impostors:.3g}\nimpostors = {impostors}')
    print(f'# genuine pairs {genuine}, FNMR {counts[True][:at].sum() / genuine:.4f}')


if __name__ == '__main__':
    main()
