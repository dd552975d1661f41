"""The largest eigenvalues at checkpoints of examples/pytorch/train.py, from a dense Hessian in float64: of H, and of
P^-1/2 H P^-1/2 where the checkpoint has Adam's state. Writes truth.json into the folder given."""
import json
import os
import sys

import numpy
import torch

folder, steps = sys.argv[1], [int(step) for step in sys.argv[2:]]
data = numpy.load(os.path.join(folder, "train.npz"))
x, y = torch.tensor(data["train_x"]).double(), torch.tensor(data["train_y"])
truth = {}
for step in steps:
    saved = torch.load(os.path.join(folder, "checkpoints", f"step-{step:06d}.pt"))
    weights = saved["model_state_dict"]
    shapes = {name: value.shape for name, value in weights.items()}

    def loss(theta):
        parts = dict(zip(shapes, theta.split([shape.numel() for shape in shapes.values()])))
        part = {name: parts[name].reshape(shape) for name, shape in shapes.items()}
        hidden = torch.tanh(x @ part["0.weight"].T + part["0.bias"])
        hidden = torch.tanh(hidden @ part["2.weight"].T + part["2.bias"])
        return torch.nn.functional.cross_entropy(hidden @ part["4.weight"].T + part["4.bias"], y)

    theta = torch.cat([value.double().reshape(-1) for value in weights.values()])
    matrix = torch.autograd.functional.hessian(loss, theta)
    start = theta.clone().requires_grad_(True)
    value = loss(start)
    (gradient,) = torch.autograd.grad(value, start)
    state, group = saved["optimizer_state_dict"]["state"], saved["optimizer_state_dict"]["param_groups"][0]
    if "betas" in group:
        first, second = group["betas"]
        updates = float(state[0]["step"]) + 1 if state else 1
        kept = [state[i]["exp_avg_sq"].double().reshape(-1) for i in range(len(state))]
        squares = torch.cat(kept) if state else torch.zeros_like(theta)
        squares = second * squares + (1 - second) * gradient**2
        divisor = (1 - first**updates) * ((squares / (1 - second**updates)).sqrt() + group["eps"])
        matrix = divisor.rsqrt()[:, None] * matrix * divisor.rsqrt()[None, :]
    truth[str(step)] = {"loss": value.item(), "eigenvalues": torch.linalg.eigvalsh(matrix)[-3:].flip(0).tolist()}
with open(os.path.join(folder, "truth.json"), "w") as file:
    json.dump(truth, file)
