"""Trains a small network with PyTorch and writes what `gyre measure` needs: the model, the data, bursts of checkpoints.

    python3 train.py OUT
    gyre measure OUT/model.pt OUT/checkpoints --data arrays --data-path OUT/train.npz --learning-rate 0.5

Runs in seconds on a CPU with PyTorch 1.13 or later. Comments mark the lines that your own training needs.
"""
import argparse
import os

import numpy
import torch

BURST, EVERY = 3, 20  # three consecutive steps every 20: flip, drift per bounce, and drift over an even lag


def spirals(samples, classes=3):
    """Returns points of interleaved spirals from a fixed seed, with their labels."""
    generator = torch.Generator().manual_seed(0)
    label = torch.arange(samples) % classes
    radius = torch.linspace(0.1, 1, samples)
    angle = 8 * radius + 2 * numpy.pi / classes * label + 0.2 * torch.randn(samples, generator=generator)
    return torch.stack([radius * torch.cos(angle), radius * torch.sin(angle)], dim=1), label


def export(model, x, path):
    """Writes the model in the format that the installed PyTorch supports, and returns the path."""
    if hasattr(torch, "export") and hasattr(torch.export, "save"):  # PyTorch 2.1 or later; gyre reads files from 2.6 or later
        batch = {0: torch.export.Dim("batch")}
        program = torch.export.export(model, (x,), dynamic_shapes=(batch,))
        torch.export.save(program, path + ".pt2")
        return path + ".pt2"
    torch.jit.trace(model, x).save(path + ".pt")
    return path + ".pt"


def save(step, model, optimizer, folder):
    """Writes a checkpoint to a temporary file and renames it, so that a reader never finds a partial one."""
    path = os.path.join(folder, f"step-{step:06d}.pt")
    torch.save({"model_state_dict": model.state_dict(), "optimizer_state_dict": optimizer.state_dict()}, path + ".tmp")
    os.replace(path + ".tmp", path)


def save_safetensors(step, model, folder):
    """Like save, but without the optimizer and as safetensors (pip install safetensors)."""
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

    # For gyre: the network, all the data in the loss, and a folder of checkpoints.
    checkpoints = os.path.join(given.out, "checkpoints")
    os.makedirs(checkpoints, exist_ok=True)
    print(export(model, x[:8], os.path.join(given.out, "model")))
    numpy.savez(
        os.path.join(given.out, "train.npz"),
        train_x=x.numpy(), train_y=y.numpy(), test_x=x_test.numpy(), test_y=y_test.numpy(),
    )

    for step in range(given.steps + 1):
        if step % EVERY < BURST:  # for gyre: before the update, so that step 0 is the initialization
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
