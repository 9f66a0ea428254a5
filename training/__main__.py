"""The command line: `python -m training generate | train | export | evaluate | refit | grainy`."""

import argparse
import logging
import os
import sys
from pathlib import Path

from actors.package import PackageError
from training import evaluate, generate, grainy
from training.collected import BadCollection
from training.head import NoHead
from training.refit import Plan as Refit
from training.refit import refit
from training.street import Split

ROOT = Path(__file__).parents[1]
RUN = Path(__file__).parent / "runs" / "street"
PACKAGE = ROOT / "models" / "street"
REAL = ROOT.parent / "shared" / "data"


def main() -> None:
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.INFO, datefmt="%H:%M:%S")
    arguments = _parser().parse_args()
    arguments.command(arguments)


def _parser() -> argparse.ArgumentParser:
    cores = os.cpu_count() or 1
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--run", type=Path, default=RUN, help="where shards and checkpoints are")
    parser.add_argument("--package", type=Path, default=PACKAGE)
    commands = parser.add_subparsers(required=True)
    draw = commands.add_parser("generate", help="draw the pictures to learn from")
    draw.add_argument("--shards", type=int, default=64, help="of 128 pictures each")
    draw.add_argument("--processes", type=int, default=cores)
    draw.set_defaults(command=_generate)
    learn = commands.add_parser("train", help="learn from them")
    learn.add_argument("--epochs", type=int, default=18)
    learn.add_argument("--workers", type=int, default=max(1, cores // 2))
    learn.add_argument("--resume", action=argparse.BooleanOptionalAction, default=True)
    learn.set_defaults(command=_train)
    commands.add_parser("export", help="write the package").set_defaults(command=_export)
    judge = commands.add_parser("evaluate", help="print how good the package is")
    judge.add_argument("--streets", type=int, default=250, help="of 4 pictures each")
    judge.add_argument("--real", type=Path, default=REAL, help="annotated real pictures")
    judge.add_argument("--failures", type=Path, help="a folder for pictures of the worst")
    judge.set_defaults(command=_evaluate)
    more = commands.add_parser("refit", help="learn a little more from a device's pictures")
    more.add_argument("pictures", type=Path, help="a folder of `retinue images export`")
    more.add_argument("out", type=Path, help="a new folder for the new package")
    more.add_argument("--version", default="", help="else the next after the package's")
    more.add_argument("--streets", type=int, default=12, help="to remember, of 8 pictures each")
    more.set_defaults(command=_refit)
    grain = commands.add_parser("grainy", help="refit on grainy streets, print what that does")
    grain.add_argument("--streets", type=int, default=30, help="of 8 pictures each, to learn from")
    grain.add_argument("--labels", choices=("true", "seen"), default="true")
    grain.set_defaults(command=_grainy)
    return parser


def _generate(arguments: argparse.Namespace) -> None:
    for split, shards in ((Split.VALIDATION, 4), (Split.TRAIN, arguments.shards)):
        folder = arguments.run / split.name.lower()
        generate.generate(folder, split, shards, arguments.processes)


def _train(arguments: argparse.Namespace) -> None:
    from training.train import Plan, train  # noqa: PLC0415 only two commands need PyTorch

    lessons, validation = arguments.run / "train", arguments.run / "validation"
    schedule = arguments.epochs, arguments.workers, arguments.resume
    train(Plan(lessons, validation, arguments.run, *schedule))


def _export(arguments: argparse.Namespace) -> None:
    from training.export import export  # noqa: PLC0415 only two commands need PyTorch

    export(arguments.run, arguments.package)


def _evaluate(arguments: argparse.Namespace) -> None:
    evaluate.evaluate(arguments.package, arguments.streets, arguments.real, arguments.failures)


def _refit(arguments: argparse.Namespace) -> None:
    plan = Refit(arguments.pictures, arguments.package, arguments.out)
    plan = plan._replace(version=arguments.version, streets=arguments.streets)
    try:
        package = refit(plan)
    except (BadCollection, NoHead, PackageError, OSError) as error:
        sys.exit(str(error))
    evaluate.say(f"{arguments.out}: {package.name} {package.version}")


def _grainy(arguments: argparse.Namespace) -> None:
    grainy.show(arguments.package, arguments.streets, as_seen=arguments.labels == "seen")


if __name__ == "__main__":
    main()
