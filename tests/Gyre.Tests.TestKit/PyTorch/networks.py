"""Writes networks' weights as PyTorch saves them into the folder given, in float64, with samples, and what PyTorch says of
them as truth.json: loss, and the gradient of every parameter. Runs with PyTorch 1.13 and later."""
import json
import os
import sys
from collections import OrderedDict

import numpy as np
import torch
from torch import nn, tanh
from torch.nn.functional import avg_pool2d, cross_entropy

out = sys.argv[1]
truth = {}
torch.manual_seed(2)
torch.set_default_dtype(torch.float64)


def path(name):
    return os.path.join(out, name)


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.layer0, self.layer1, self.layer2 = nn.Linear(12, 7), nn.Linear(7, 5), nn.Linear(5, 3)

    def forward(self, x):
        return self.layer2(tanh(self.layer1(tanh(self.layer0(x.flatten(1))))))


class Cnn(nn.Module):
    """With BatchNorm, whose running statistics are in the state dict too."""

    def __init__(self):
        super().__init__()
        self.conv0, self.norm0 = nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4)
        self.head = nn.Linear(4 * 2 * 1, 3)

    def forward(self, x):
        return self.head(avg_pool2d(tanh(self.norm0(self.conv0(x.unsqueeze(1)))), 2).flatten(1))


x, y = torch.randn(9, 4, 3), torch.randint(0, 3, (9,))
os.makedirs(path("data"), exist_ok=True)
np.save(path("data/x.npy"), x.numpy())
np.save(path("data/y.npy"), y.numpy())
for name, network in [("mlp", Mlp()), ("cnn", Cnn())]:
    torch.jit.trace(network, x, check_trace=False).save(path(f"{name}-script.pt"))
    if name == "cnn":
        with torch.no_grad():
            network.norm0.weight.uniform_(0.5, 2)
            network.norm0.bias.uniform_(-1, 1)
    for parameter in network.parameters():  # not the values of the TorchScript file
        parameter.data.mul_(1.5)
    optimizer = torch.optim.AdamW(network.parameters(), lr=0.01, betas=(0.8, 0.99), weight_decay=0.1)
    for _ in range(3):
        optimizer.zero_grad()
        cross_entropy(network(x), y).backward()
        optimizer.step()
    optimizer.zero_grad()
    outputs = network(x)
    loss = cross_entropy(outputs, y)
    loss.backward()
    state = network.state_dict()
    truth[name] = {
        "loss": loss.item(),
        "outputs": outputs.detach().reshape(-1).tolist(),
        "gradient": {key: p.grad.reshape(-1).tolist() for key, p in network.named_parameters()},
        "second": {key: optimizer.state[p]["exp_avg_sq"].reshape(-1).tolist() for key, p in network.named_parameters()},
    }
    torch.save(state, path(f"{name}.pt"))
    torch.save(nn.DataParallel(network).state_dict(), path(f"{name}-parallel.pt"))
    torch.save({"epoch": 3, "model_state_dict": state, "optimizer_state_dict": optimizer.state_dict(), "loss": loss.item()},
               path(f"{name}-checkpoint.pt"))
    torch.save({"pytorch-lightning_version": "2.0", "global_step": 3, "hyper_parameters": {"act": nn.Tanh},
                "state_dict": OrderedDict(("model." + k, v) for k, v in state.items()),
                "optimizer_states": [optimizer.state_dict()], "callbacks": {nn.Tanh: torch.Size([1])}},
               path(f"{name}.ckpt"))
    torch.save({k: v.half() if v.is_floating_point() else v for k, v in state.items()}, path(f"{name}-half.pt"))
    torch.save(network, path(f"{name}-module.pt"))
    sgd = torch.optim.SGD(network.parameters(), lr=0.1, momentum=0.9)
    cross_entropy(network(x), y).backward()
    sgd.step()
    torch.save({"model": state, "optimizer": sgd.state_dict()}, path(f"{name}-sgd.pt"))
with open(path("truth.json"), "w") as file:
    json.dump(truth, file)
