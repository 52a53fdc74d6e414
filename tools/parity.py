#!/usr/bin/env python3
"""Compares omote with the reference implementations on real photos.

    pip install onnxruntime opencv-python-headless numpy
    tools/parity.py OMOTE MODELS_DIR PHOTO_DIR [--limit 200]

Detection: YuNet's boxes and points against OpenCV's FaceDetectorYN on the same model file, at the photo's own size. Both see
the same pixels, in PNG files that OpenCV wrote: JPEG decoders differ by some levels, and that alone can decide which of two
neighbouring cells with nearly equal scores gives the box.
Embedding: MobileFaceNet's vectors against ONNX Runtime with NumPy pre-processing, on the aligned crops that omote wrote.
Exits with 1 if a matched box or point is more than 1 pixel away, if faces differ, or if a cosine is below 0.9999."""
import argparse, glob, json, pathlib, subprocess, sys, tempfile

import cv2
import numpy as np
import onnxruntime as ort

SCORE, NMS = 0.6, 0.3
MEAN, STD = np.float32([.485, .456, .406]), np.float32([.229, .224, .225])


def lines(omote, *arguments):
    """The JSON records that an omote command prints."""
    run = subprocess.run([omote, *arguments, '--json'], capture_output=True, text=True)
    if run.returncode == 2:
        sys.exit(run.stdout + run.stderr)
    return [json.loads(line) for line in run.stdout.splitlines()]


def opencv_faces(detector, path):
    """Rows of x, y, w, h, 5 points, score: at the photo's own size, padded right and below to a multiple of 32."""
    image = cv2.imread(path)
    detector.setInputSize((image.shape[1], image.shape[0]))
    faces = detector.detect(image)[1]
    return [] if faces is None else faces


def lossless(photos, folder):
    """Copies of the photos as PNG files."""
    copies = [f'{folder}/{number:05}.png' for number in range(len(photos))]
    for photo, copy in zip(photos, copies):
        cv2.imwrite(copy, cv2.imread(photo))
    return copies


def compare_detection(omote, models, photos):
    detector = cv2.FaceDetectorYN.create(f'{models}/yunet/yunet_n_dynamic.onnx', '', (320, 320), SCORE, NMS, 5000)
    records = lines(omote, 'detect', *photos, '--models', models, '--detector', 'yunet-n', '--detect-size', 'native',
                    '--score', str(SCORE))
    worst, faces, unmatched = 0.0, 0, 0
    for record in (r for r in records if r['type'] == 'photo'):
        theirs = list(opencv_faces(detector, record['path']['text']))
        for face in record['faces']:
            box, points = np.array(face['box']), np.array(face['landmarks']).ravel()
            theirs_flat = [(np.r_[t[:2], t[:2] + t[2:4]], t[4:14]) for t in theirs]
            errors = [max(np.abs(b - box).max(), np.abs(p - points).max()) for b, p in theirs_flat]
            if errors and min(errors) < 10:
                worst, faces = max(worst, min(errors)), faces + 1
                theirs.pop(int(np.argmin(errors)))
            else:
                unmatched += 1
        unmatched += len(theirs)
    print(f'detection: {len(photos)} photos, {faces} faces matched, {unmatched} unmatched, '
          f'largest difference {worst:.3f} px')
    return worst <= 1 and unmatched == 0 and faces > 0


def compare_embedding(omote, models, photos):
    session = ort.InferenceSession(f'{models}/mobilefacenet/mobilefacenet.onnx', providers=['CPUExecutionProvider'])
    with tempfile.TemporaryDirectory() as folder:
        lines(omote, 'align', *photos, '--models', models, '--out', folder)
        crops = sorted(glob.glob(f'{folder}/**/*.png', recursive=True))
        records = [r for r in lines(omote, 'embed', folder, '--aligned', '--models', models) if r['type'] == 'photo']
        cosines = []
        for record in records:
            rgb = cv2.imread(record['path']['text'])[..., ::-1].astype(np.float32)
            tensor = ((rgb / 255 - MEAN) / STD).transpose(2, 0, 1)[None]
            theirs = session.run(None, {'input0': np.ascontiguousarray(tensor)})[0][0]
            ours = np.array(record['faces'][0]['embedding'])
            cosines.append(float(ours @ theirs / np.linalg.norm(ours) / np.linalg.norm(theirs)))
    print(f'embedding: {len(crops)} crops, lowest cosine {min(cosines):.7f}')
    return min(cosines) >= 0.9999


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('omote'), parser.add_argument('models'), parser.add_argument('photos')
    parser.add_argument('--limit', type=int, default=200)
    options = parser.parse_args()
    found = sorted(str(p) for p in pathlib.Path(options.photos).rglob('*') if p.suffix in ('.jpg', '.png', '.webp'))
    photos = found[::max(1, len(found) // options.limit)][:options.limit]
    with tempfile.TemporaryDirectory() as folder:
        photos = lossless(photos, folder)
        results = [check(options.omote, options.models, photos) for check in (compare_detection, compare_embedding)]
    sys.exit(not all(results))


if __name__ == '__main__':
    main()
