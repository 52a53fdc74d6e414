#!/usr/bin/env python3
"""Pictures a second that PyTorch (CPU, f32) passes forward, and trains with, through the four networks of `omote-lab bench`: the
yardstick for our own kernels. Needs: pip install torch

    python3 tools/training_speed.py [--threads 2] [--batch 32] [--steps 10] [--network iresnet-18] [--channels-last] [--json]

Measured is the same in the same way: random pictures, two steps for warm-up and then `--steps`, first forward alone (in
evaluation mode, without gradients), then forward, backward from the mean square of the embeddings, and SGD with momentum and
decay. Medians, the best step, and the most memory that the process had meanwhile (on Linux; some may be left of networks before
it: give one --network for its own).
"""

import argparse
import json
import os
import statistics
import time

import torch
from torch import nn


class MobileFaceNet(nn.Module):
    """Chen et al. 2018, table 1, with 128 values."""

    def __init__(self, act):
        super().__init__()

        def conv(i, o, k, s, p, groups=1, activate=True):
            parts = [nn.Conv2d(i, o, k, s, p, groups=groups, bias=False), nn.BatchNorm2d(o)]
            return nn.Sequential(*parts, act(o)) if activate else nn.Sequential(*parts)

        class Bottleneck(nn.Module):
            def __init__(self, i, o, t, s):
                super().__init__()
                self.add = s == 1 and i == o
                self.body = nn.Sequential(
                    conv(i, i * t, 1, 1, 0),
                    conv(i * t, i * t, 3, s, 1, groups=i * t),
                    conv(i * t, o, 1, 1, 0, activate=False),
                )

            def forward(self, x):
                return x + self.body(x) if self.add else self.body(x)

        layers = [conv(3, 64, 3, 2, 1), conv(64, 64, 3, 1, 1, groups=64)]
        width = 64
        for t, c, n, s in [(2, 64, 5, 2), (4, 128, 1, 2), (2, 128, 6, 1), (4, 128, 1, 2), (2, 128, 2, 1)]:
            for number in range(n):
                layers.append(Bottleneck(width, c, t, s if number == 0 else 1))
                width = c
        layers += [conv(128, 512, 1, 1, 0), conv(512, 512, 7, 1, 0, groups=512, activate=False)]
        layers += [conv(512, 128, 1, 1, 0, activate=False), nn.Flatten()]
        self.layers = nn.Sequential(*layers)

    def forward(self, x):
        return self.layers(x)


class SphereFace(nn.Module):
    """Liu et al. 2017: convolutions with PReLU, no normalisation; `width` of 64 is the paper's."""

    def __init__(self, units, width, height_in, width_in, values=512):
        super().__init__()

        class Unit(nn.Module):
            def __init__(self, c):
                super().__init__()
                self.body = nn.Sequential(
                    nn.Conv2d(c, c, 3, 1, 1), nn.PReLU(c), nn.Conv2d(c, c, 3, 1, 1), nn.PReLU(c)
                )

            def forward(self, x):
                return x + self.body(x)

        layers, i, h, w = [], 3, height_in, width_in
        for stage, n in enumerate(units):
            o = width << stage
            layers += [nn.Conv2d(i, o, 3, 2, 1), nn.PReLU(o)] + [Unit(o) for _ in range(n)]
            i, h, w = o, (h + 1) // 2, (w + 1) // 2
        self.layers = nn.Sequential(*layers, nn.Flatten(), nn.Linear(i * h * w, values))

    def forward(self, x):
        return self.layers(x)


class IResNet(nn.Module):
    """The improved residual network of ArcFace, head E."""

    def __init__(self, blocks):
        super().__init__()

        class Block(nn.Module):
            def __init__(self, i, o, s):
                super().__init__()
                self.body = nn.Sequential(
                    nn.BatchNorm2d(i),
                    nn.Conv2d(i, o, 3, 1, 1, bias=False),
                    nn.BatchNorm2d(o),
                    nn.PReLU(o),
                    nn.Conv2d(o, o, 3, s, 1, bias=False),
                    nn.BatchNorm2d(o),
                )
                self.skip = (
                    nn.Sequential(nn.Conv2d(i, o, 1, s, bias=False), nn.BatchNorm2d(o)) if s > 1 else nn.Identity()
                )

            def forward(self, x):
                return self.body(x) + self.skip(x)

        layers, i = [nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.PReLU(64)], 64
        for stage, n in enumerate(blocks):
            for number in range(n):
                layers.append(Block(i, 64 << stage, 2 if number == 0 else 1))
                i = 64 << stage
        self.layers = nn.Sequential(
            *layers, nn.BatchNorm2d(512), nn.Flatten(), nn.Linear(512 * 49, 512), nn.BatchNorm1d(512)
        )

    def forward(self, x):
        return self.layers(x)


NETS = {
    "mobilefacenet-prelu": (lambda: MobileFaceNet(nn.PReLU), (112, 112)),
    "mobilefacenet-relu6": (lambda: MobileFaceNet(lambda _: nn.ReLU6()), (112, 112)),
    "sphereface-10-half": (lambda: SphereFace([0, 1, 2, 0], 32, 112, 96), (112, 96)),
    "iresnet-18": (lambda: IResNet([2, 2, 2, 2]), (112, 112)),
}
WARM_UP = 2


def forget_peak():
    """Counts the most memory anew; whether the system can do so."""
    try:
        with open("/proc/self/clear_refs", "w") as file:
            file.write("5")
        return True
    except OSError:
        return False


def peak():
    """The most bytes of memory in use since `forget_peak`."""
    with open("/proc/self/status") as file:
        return next(1024 * int(line.split()[1]) for line in file if line.startswith("VmHWM:"))


def pace(step, batch, steps):
    """What `omote-lab bench --json` says of steps of one kind."""
    is_reset = forget_peak()
    for _ in range(WARM_UP):
        step()
    seconds = []
    for _ in range(steps):
        begun = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - begun)
    return {
        "median_per_second": batch / statistics.median(seconds),
        "best_per_second": batch / min(seconds),
        "peak_bytes": peak() if is_reset else None,
        "seconds": seconds,
    }


def measured(name, args):
    make, (height, width) = NETS[name]
    layout = torch.channels_last if args.channels_last else torch.contiguous_format
    net = make().to(memory_format=layout)
    images = torch.randn(args.batch, 3, height, width).to(memory_format=layout)
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)

    def forward():
        with torch.no_grad():
            net(images)

    def train():
        optimizer.zero_grad(set_to_none=True)
        net(images).square().mean().backward()
        optimizer.step()

    net.eval()
    passed = pace(forward, args.batch, args.steps)
    net.train()
    trained = pace(train, args.batch, args.steps)
    shape = {"network": name, "input": [height, width], "batch": args.batch, "threads": args.threads}
    return {"type": "speed", "on": f"torch {torch.__version__}", **shape, "forward": passed, "training": trained}


def at_least(least):
    def parsed(text):
        value = int(text)
        if value < least:
            raise argparse.ArgumentTypeError(f"must be at least {least}")
        return value

    return parsed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=at_least(1), default=os.cpu_count())
    parser.add_argument("--batch", type=at_least(2), default=32)
    parser.add_argument("--steps", type=at_least(1), default=10)
    parser.add_argument("--network", action="append", choices=list(NETS), help="may be given several times")
    parser.add_argument("--channels-last", action="store_true", help="PyTorch's other layout of pictures")
    parser.add_argument("--json", action="store_true", help="records as those of `omote-lab bench --json`")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    if not args.json:
        print(f"PyTorch {torch.__version__}, {args.threads} threads, batch {args.batch}, pictures/s: median (best)")
    for name in args.network or NETS:
        record = measured(name, args)
        if args.json:
            print(json.dumps(record), flush=True)
            continue
        words = []
        for kind, pace_of in (("forward", record["forward"]), ("trained", record["training"])):
            memory = pace_of["peak_bytes"]
            memory = "-" if memory is None else f"{memory / 1e6:.0f} MB"
            median, best = pace_of["median_per_second"], pace_of["best_per_second"]
            words.append(f"{kind} {median:7.1f} ({best:.1f}), {memory}")
        print(f"{name:20} {'  '.join(words)}", flush=True)


if __name__ == "__main__":
    main()
