"""Runs the Python of a document (README.md or docs/tutorial.md) that exports a network, in an empty folder.

PyTorch before 2.1 has no torch.export; there, the same lines write TorchScript, which Gyre recognizes by its content.
"""
import os
import re
import sys

import numpy
import torch

document, folder = sys.argv[1:]
os.chdir(folder)
torch.manual_seed(1)
model = torch.nn.Sequential(torch.nn.Linear(2, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2))
x = torch.randn(60, 2)
y = (x.pow(2).sum(1) > 1.4).long()

if not hasattr(torch, "export"):

    class Export:
        Dim = staticmethod(lambda name: name)
        export = staticmethod(lambda module, args, dynamic_shapes: torch.jit.trace(module, args))
        save = staticmethod(lambda traced, path: traced.save(path))

    torch.export = Export

text = open(document, encoding="utf-8").read()
blocks = re.findall(r"```python\n(.*?)```", text, re.S) + re.findall(r"(?:^    .*\n)+", text, re.M)
(code,) = [block for block in blocks if "torch.export.save" in block]
exec("\n".join(line.strip() for line in code.splitlines()))

os.mkdir("checkpoints")
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for step in range(3):
    torch.save(model.state_dict(), f"checkpoints/step-{step}.pt")
    optimizer.zero_grad()
    torch.nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
