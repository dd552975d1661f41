"""Writes files of torch.save into the folder given, and what is in them as truth.json: by file, by name, dtype, shape
and every number. Runs with PyTorch 1.13 and later."""
import json
import os
import sys
from collections import OrderedDict

import torch

out = sys.argv[1]
truth = {}


def told(tensor):
    values = tensor.detach().to(torch.float64).reshape(-1).tolist()
    return {
        "dtype": str(tensor.dtype).replace("torch.", ""),
        "shape": list(tensor.shape),
        "values": values,
        "trains": tensor.requires_grad,
    }


def save(name, tensors, whole=None, **options):
    torch.save(tensors if whole is None else whole, os.path.join(out, name), **options)
    truth[name] = {key: told(value) for key, value in tensors.items()}


torch.manual_seed(0)
base = torch.randn(4, 6, dtype=torch.float64)
save("kinds.pt", {
    str(dtype).replace("torch.", ""): (base * 10).to(dtype)
    for dtype in [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16,
                  torch.int8, torch.bool]
} | {"uint8": (base * 10).abs().to(torch.uint8)})
row = torch.arange(4.0)
save("strides.pt", OrderedDict(
    whole=base, turned=base.t(), part=base[1:3, ::2], last=base[-1], same=base, empty=torch.zeros(0, 3),
    none=base[:, :0], scalar=torch.tensor(3.5), one=base[2, 3], wide=row.expand(3, 4), tall=row.unsqueeze(1).expand(4, 2),
    parameter=torch.nn.Parameter(torch.ones(2, 2)), frozen=torch.nn.Parameter(torch.ones(2), requires_grad=False),
))
save("protocol4.pt", {"a": base, "b": base[0]}, pickle_protocol=4)
torch.save(base.t(), os.path.join(out, "alone.pt"))
truth["alone.pt"] = {"": told(base.t())}
torch.save({"a": base}, os.path.join(out, "old.pt"), _use_new_zipfile_serialization=False)
torch.save(torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Tanh()), os.path.join(out, "module.pt"))
with open(os.path.join(out, "truth.json"), "w") as file:
    json.dump(truth, file)
