"""Learning: from shards to weights; goes on from its last epoch when it was interrupted."""

import logging
import math
import os
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor

from training.average import Average
from training.batches import batches
from training.loss import total_loss
from training.network import Network
from training.shards import Shards
from training.validate import validate

log = logging.getLogger(__name__)
BATCH = 16
FASTEST = 2e-3  # the learning rate's peak
WARM_UP = 300  # steps to it
WEIGHT_DECAY = 0.02
STEEPEST = 10.0  # gradients longer than this are shortened
SEED = 1
TOLD = 100  # steps from one line of progress to the next
CHECKPOINT = "checkpoint.pt"


class Plan(NamedTuple):
    """What to learn from, for how long, and where to keep it."""

    lessons: Path
    validation: Path
    run: Path
    epochs: int
    workers: int
    resume: bool


class Student:
    """A network with all that its learning needs; what a checkpoint holds."""

    def __init__(self) -> None:
        torch.manual_seed(SEED)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.network = Network().to(self.device, memory_format=torch.channels_last)
        self.average = Average(self.network)
        self.optimizer = torch.optim.AdamW(_groups(self.network), FASTEST)
        self.step = self.epoch = 0

    def learn(self, batch: dict[str, Tensor], total_steps: int) -> Tensor:
        """One step; the loss, still on the device."""
        for group in self.optimizer.param_groups:
            group["lr"] = rate(self.step, total_steps)
        batch = {name: part.to(self.device, non_blocking=True) for name, part in batch.items()}
        pictures = batch["picture"].permute(0, 3, 1, 2).float()
        with torch.autocast(self.device.type, torch.bfloat16):
            said = self.network(pictures)
        loss = total_loss(said, batch)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), STEEPEST)
        self.optimizer.step()
        self.average.update(self.network, self.step)
        self.step += 1
        return loss.detach()

    def save(self, path: Path) -> None:
        """All of it; whole or not at all."""
        state: dict[str, Any] = {name: part.state_dict() for name, part in self._parts().items()}
        partial = path.with_suffix(".partial")
        torch.save({**state, "step": self.step, "epoch": self.epoch}, partial)
        partial.rename(path)

    def load(self, path: Path) -> None:
        state = torch.load(path, map_location=self.device, weights_only=True)
        for name, part in self._parts().items():
            part.load_state_dict(state[name])
        self.step, self.epoch = state["step"], state["epoch"]

    def _parts(self) -> dict[str, Any]:
        return {
            "network": self.network,
            "average": self.average.network,
            "optimizer": self.optimizer,
        }


def train(plan: Plan) -> None:
    """Leaves `checkpoint.pt` in the run's folder; prints the validation set's figures."""
    # A thread for each core that prepares no lessons: more would wait for each other.
    torch.set_num_threads(max(1, (os.cpu_count() or 1) - plan.workers))
    plan.run.mkdir(parents=True, exist_ok=True)
    checkpoint, student = plan.run / CHECKPOINT, Student()
    if plan.resume and checkpoint.exists():
        student.load(checkpoint)
        log.info("going on after epoch %d", student.epoch)
    total_steps = plan.epochs * (len(Shards(plan.lessons)) // BATCH)
    while student.epoch < plan.epochs:
        _learn_epoch(student, plan, total_steps)
        student.save(checkpoint)
        log.info("validation: %s", validate(student.average.network, plan.validation))


def rate(step: int, total_steps: int) -> float:
    """The learning rate: up in a line, down along a cosine."""
    if step < WARM_UP:
        return FASTEST * (step + 1) / WARM_UP
    done = min(1.0, (step - WARM_UP) / max(1, total_steps - WARM_UP))
    return FASTEST * (0.01 + 0.99 * (1 + math.cos(math.pi * done)) / 2)


def _learn_epoch(student: Student, plan: Plan, total_steps: int) -> None:
    losses: list[Tensor] = []
    student.network.train()
    for batch in batches(plan.lessons, student.epoch, BATCH, plan.workers):
        losses.append(student.learn(batch, total_steps))
        if len(losses) % TOLD == 0:
            log.info("step %d: loss %.3f", student.step, torch.stack(losses[-TOLD:]).mean())
    student.epoch += 1
    log.info("epoch %d: loss %.3f", student.epoch, torch.stack(losses).mean())


def _groups(network: Network) -> list[dict[str, Any]]:
    """Weights decay, biases and scales do not."""
    parameters = list(network.parameters())
    return [
        {"params": [one for one in parameters if one.ndim > 1], "weight_decay": WEIGHT_DECAY},
        {"params": [one for one in parameters if one.ndim <= 1], "weight_decay": 0.0},
    ]
