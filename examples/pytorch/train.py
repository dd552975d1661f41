"""Trains a small network with PyTorch and leaves what `gyre measure` needs: the model, the data, bursts of checkpoints.

    python3 train.py OUT
    gyre measure OUT/model.pt OUT/checkpoints --data arrays --data-path OUT/train.npz --learning-rate 0.5

Runs with PyTorch 1.13 and later, on a processor, in seconds. The lines that a training of your own needs are marked.
"""
import argparse
import os

import numpy
import torch

BURST, EVERY = 3, 20  # three steps in a row, every 20 steps: flip, drift per bounce, and drift over an even distance


def spirals(samples, classes=3):
    """Points of interleaved spirals, from fixed numbers: the same everywhere."""
    generator = torch.Generator().manual_seed(0)
    label = torch.arange(samples) % classes
    radius = torch.linspace(0.1, 1, samples)
    angle = 8 * radius + 2 * numpy.pi / classes * label + 0.2 * torch.randn(samples, generator=generator)
    return torch.stack([radius * torch.cos(angle), radius * torch.sin(angle)], dim=1), label


def export(model, x, path):
    """Writes the model as the installed PyTorch can."""
    if hasattr(torch, "export") and hasattr(torch.export, "save"):  # PyTorch 2.1 and later; gyre reads those of 2.6 on
        batch = {0: torch.export.Dim("batch")}
        program = torch.export.export(model, (x,), dynamic_shapes=(batch,))
        torch.export.save(program, path + ".pt2")
        return path + ".pt2"
    torch.jit.trace(model, x).save(path + ".pt")
    return path + ".pt"


def save(step, model, optimizer, folder):
    """One checkpoint, written beside and renamed, so that nobody reads half of it."""
    path = os.path.join(folder, f"step-{step:06d}.pt")
    torch.save({"model_state_dict": model.state_dict(), "optimizer_state_dict": optimizer.state_dict()}, path + ".tmp")
    os.replace(path + ".tmp", path)


def save_safetensors(step, model, folder):
    """The same without the optimizer, as safetensors (pip install safetensors)."""
    from safetensors.torch import save_file

    path = os.path.join(folder, f"step-{step:06d}.safetensors")
    save_file(model.state_dict(), path + ".tmp")
    os.replace(path + ".tmp", path)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("out")
    arguments.add_argument("--steps", type=int, default=600)
    arguments.add_argument("--rate", type=float, default=0.5)
    arguments.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd")
    arguments.add_argument("--format", choices=["pt", "safetensors"], default="pt")
    given = arguments.parse_args()

    torch.manual_seed(0)
    x, y = spirals(300)
    x_test, y_test = spirals(151)
    model = torch.nn.Sequential(
        torch.nn.Linear(2, 32), torch.nn.Tanh(), torch.nn.Linear(32, 32), torch.nn.Tanh(), torch.nn.Linear(32, 3)
    )
    optimizer = (
        torch.optim.Adam(model.parameters(), lr=given.rate)
        if given.optimizer == "adam"
        else torch.optim.SGD(model.parameters(), lr=given.rate)
    )

    # For gyre: the network, the whole data that the loss is over, and a folder of checkpoints.
    checkpoints = os.path.join(given.out, "checkpoints")
    os.makedirs(checkpoints, exist_ok=True)
    print(export(model, x[:8], os.path.join(given.out, "model")))
    numpy.savez(
        os.path.join(given.out, "train.npz"),
        train_x=x.numpy(), train_y=y.numpy(), test_x=x_test.numpy(), test_y=y_test.numpy(),
    )

    for step in range(given.steps + 1):
        if step % EVERY < BURST:  # for gyre: before the update, so that step 0 is the start
            if given.format == "safetensors":
                save_safetensors(step, model, checkpoints)
            else:
                save(step, model, optimizer, checkpoints)
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), y)
        loss.backward()
        optimizer.step()
    print(f"loss {loss.item():.4f} after {given.steps} steps")


if __name__ == "__main__":
    main()
