"""Makes the files beside it: modules exported by PyTorch, data, and what PyTorch and numpy say of them. Run with PyTorch 1.13 of Debian 12.

    python3 make.py

truth.json: of traced.pt on x.npy and y.npy, mean cross-entropy, in float64: the loss, and the eigenvalues of the dense Hessian, of the Gauss-Newton matrix and of the empirical
Fisher matrix (numpy.linalg.eigvalsh), ascending; and those of the Hessian's diagonal blocks by parameter.
"""
import json
import os

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy

here = os.path.dirname(os.path.abspath(__file__))
torch.manual_seed(0)


class Small(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(3, 4)
        self.b = nn.Linear(4, 3)
        self.unused = nn.Linear(2, 2)

    def forward(self, x):
        return self.b(torch.tanh(self.a(x)))


def flat(tensors):
    return torch.cat([t.reshape(-1) for t in tensors])


x, y = torch.randn(12, 3), torch.randint(0, 3, (12,))
small = Small()
torch.jit.trace(small, x).save(os.path.join(here, "traced.pt"))
torch.save(small.state_dict(), os.path.join(here, "state_dict.pt"))
noisy = nn.Sequential(nn.Linear(3, 6), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(0.5), nn.Linear(6, 3))
torch.jit.script(noisy).save(os.path.join(here, "dropout.pt"))
np.save(os.path.join(here, "x.npy"), x.numpy())
np.save(os.path.join(here, "y.npy"), y.numpy())

small, x = small.double(), x.double()
names = [name for name, _ in small.named_parameters()]
parameters = list(small.parameters())
sizes = [p.numel() for p in parameters]


def gradient(value, create):
    found = torch.autograd.grad(value, parameters, create_graph=create, retain_graph=True, allow_unused=True)
    return flat([f if f is not None else torch.zeros_like(p) for f, p in zip(found, parameters)])


loss = cross_entropy(small(x), y)
first = gradient(loss, True)
hessian = torch.stack([gradient(g, False) if g.requires_grad else torch.zeros(len(first)) for g in first]).detach().numpy()
outputs = small(x)
jacobian = torch.stack([gradient(o, False) for o in outputs.reshape(-1)]).detach().numpy().reshape(12, 3, -1)
p = torch.softmax(outputs, 1).detach().numpy()
newton = sum(j.T @ (np.diag(q) - np.outer(q, q)) @ j for j, q in zip(jacobian, p)) / 12
scores = [j.T @ (q - np.eye(3)[label]) for j, q, label in zip(jacobian, p, y.numpy())]
fisher = sum(np.outer(s, s) for s in scores) / 12
ends = np.cumsum([0] + sizes)
blocks = {name: np.linalg.eigvalsh(hessian[b:e, b:e]).tolist() for name, b, e in zip(names, ends, ends[1:])}
with open(os.path.join(here, "truth.json"), "w") as file:
    json.dump({
        "loss": loss.item(), "hessian": np.linalg.eigvalsh((hessian + hessian.T) / 2).tolist(), "gauss_newton": np.linalg.eigvalsh(newton).tolist(),
        "fisher": np.linalg.eigvalsh(fisher).tolist(), "blocks": blocks}, file, indent=1)
