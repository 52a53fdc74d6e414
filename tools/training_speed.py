#!/usr/bin/env python3
"""Images a second that PyTorch (CPU, NCHW, f32) passes forward, and forward and backward, through four networks that
`nets` has too: the yardstick for our own kernels. Needs: pip install torch

    python3 tools/training_speed.py [--threads 2] [--batch 32] [--seconds 10] [--only mobilefacenet]
"""

import argparse
import resource
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
    "sphereface-10-half": (lambda: SphereFace([0, 1, 2, 0], 32, 56, 48), (56, 48)),
    "iresnet-18": (lambda: IResNet([2, 2, 2, 2]), (112, 112)),
}


def rate(step, batch, seconds):
    """Images a second of the fastest of the steps made in so many seconds, after two for warm-up."""
    step(), step()
    times, end = [], time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        begun = time.perf_counter()
        step()
        times.append(time.perf_counter() - begun)
    times.sort()
    return batch / times[0], batch / times[len(times) // 2]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    print(f"PyTorch {torch.__version__}, {args.threads} threads, batch {args.batch}, images/s: best (median)")
    for name, (make, (height, width)) in NETS.items():
        if args.only not in name:
            continue
        net, images = make(), torch.randn(args.batch, 3, height, width)
        images.requires_grad_(False)
        optimizer = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4)

        def forward():
            with torch.no_grad():
                net(images)

        def train():
            optimizer.zero_grad(set_to_none=True)
            net(images).square().mean().backward()
            optimizer.step()

        net.eval()
        passed = rate(forward, args.batch, args.seconds)
        net.train()
        trained = rate(train, args.batch, args.seconds)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name:22} forward {passed[0]:7.1f} ({passed[1]:.1f})  trained {trained[0]:7.1f} ({trained[1]:.1f})"
            f"  peak {memory:.0f} MB",
            flush=True,
        )


if __name__ == "__main__":
    main()
