"""`retinue model package`: a package that can be installed, made of a model.

What it is made of stays as it is: all happens in a copy, whose last step is the archive.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

import typer
from msgspec.structs import replace

from actors.config import Config, Inference
from actors.package import PackageError
from actors.package.files import Files, Folder
from actors.package.manifest import MANIFEST, SIGNATURE, Manifest
from actors.package.model_files import SAVED_MODEL
from actors.package.package import Package
from actors.package.reading import READERS, read_files, read_manifest
from cli.model import asking
from cli.model.asking import complete
from cli.model.checking import tried
from cli.refusal import Refused
from cli.target import ConfigFile, running

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LABELS = "labels.txt"
BARE = {"labels", "colour", "mean", "scale", "licence"}  # what a model's file does not tell


def package(  # noqa: PLR0913 one for each option
    source: Annotated[Path, typer.Argument(metavar="DIR", help="A folder, or a model file")],
    *,
    name: Annotated[str | None, typer.Option(help="Else the model file's")] = None,
    version: Annotated[str | None, typer.Option(help="Else the start of its weights' hash")] = None,
    family: Annotated[str | None, typer.Option(help="Else told by the model's outputs")] = None,
    labels: Annotated[
        Any, typer.Option(parser=asking.labels, metavar="FILE", help="One a line; or none")
    ] = None,
    colour: Annotated[
        Any, typer.Option(parser=asking.colour, metavar="BGR|RGB", help="Order of the input")
    ] = None,
    mean: Annotated[
        Any, typer.Option(parser=asking.three, metavar="N,N,N", help="(pixel - mean) / scale")
    ] = None,
    scale: Annotated[Any, typer.Option(parser=asking.three, metavar="N,N,N")] = None,
    licence: Annotated[str | None, typer.Option(help="As SPDX names it")] = None,
    sign: Annotated[Path | None, typer.Option(help="An Ed25519 private key, see keygen")] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", help="Else NAME-VERSION.zip, here")
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Make a package of a model, tried out, and signed if wanted.

    On a terminal it asks for what no file tells. A folder that has a manifest is packed anew.
    """
    device, key = running(config), _key(sign)
    told = {"labels": labels, "colour": colour, "mean": mean, "scale": scale, "licence": licence}
    with tempfile.TemporaryDirectory(prefix="retinue-") as folder:
        staged = Path(folder, source.absolute().name)
        wanted = copied(source, staged)
        said = complete(source, told, wanted)
        manifest = described(Folder(staged), said, name=name, version=version, family=family)
        _write(staged, said, manifest)
        family = judged(source, staged, device)
        _write(staged, said, replace(manifest, family=family), key)
        archive = out or Path(f"{manifest.name}-{manifest.version}.zip")
        typer.echo(packed(staged, archive, key))


def _key(sign: Path | None) -> "Ed25519PrivateKey | None":
    """Read before all work: it may be wrong."""
    from actors.package.signing_keys import read_private_key  # noqa: PLC0415 cryptography is slow

    return read_private_key(sign) if sign else None


def copied(source: Path, staged: Path) -> set[str]:
    """Have the source's files in a folder of our own; what they leave open, by name."""
    from actors.package.opening import is_sealed  # noqa: PLC0415
    from actors.package.receiving import receive  # noqa: PLC0415

    if not source.exists():
        raise PackageError(f"{source}: there is no such file or folder")
    staged.mkdir()
    receive(source, staged)
    if is_sealed(staged):
        raise PackageError(f"{source}: is sealed; make the package first, and seal that")
    files = Folder(staged)
    if files.has(MANIFEST):
        return set()
    return {"licence"} if any(files.has(name) for name in READERS) else BARE


def described(
    files: Folder,
    said: Mapping[str, Any],
    *,
    name: str | None,
    version: str | None,
    family: str | None,
) -> Manifest:
    """What the files say of themselves, and over it what somebody says."""
    manifest = read_manifest(files) if files.has(MANIFEST) else translated(files)
    given = {"name": name, "version": version, "family": family, "licence": said.get("licence")}
    manifest = replace(manifest, **{key: value for key, value in given.items() if value})
    if not manifest.version:
        manifest = replace(manifest, version=read_files(files).version)
    if said.get("labels") is not None:
        manifest = replace(manifest, labels=LABELS if said["labels"] else ())
    inputs = {key: said[key] for key in ("colour", "mean", "scale") if key in said}
    return replace(manifest, input=replace(manifest.input, **inputs))


def translated(files: Folder) -> Manifest:
    """Of a bare model, or of Azure Percept's package."""
    found = read_files(files)
    return Manifest(
        name=found.name,
        model=_model_of(files, found),
        version=found.version,
        family=found.family,
        labels=found.labels,
        threshold=found.threshold,
        input=found.input,
    )


def _model_of(files: Folder, found: Package) -> str:
    model = found.model
    inside = PurePosixPath(str(model)).relative_to(str(files.root))
    return SAVED_MODEL if inside == PurePosixPath() else str(inside)


def _write(
    staged: Path,
    said: Mapping[str, Any],
    manifest: Manifest,
    key: "Ed25519PrivateKey | None" = None,
) -> None:
    """The manifest with its list of files, and the signature that goes with it."""
    from actors.package.integrity import listed  # noqa: PLC0415 only here
    from actors.package.signature import sign  # noqa: PLC0415
    from actors.package.writing import write_manifest  # noqa: PLC0415

    if said.get("labels"):
        (staged / LABELS).write_text("\n".join(said["labels"]) + "\n", "utf-8")
    (staged / SIGNATURE).unlink(missing_ok=True)
    write_manifest(staged, listed(Folder(staged), manifest))
    if key:
        (staged / SIGNATURE).write_bytes(sign((staged / MANIFEST).read_bytes(), key))


def judged(source: Path, staged: Path, device: Config) -> str:
    """The family that admission finds; `Refused` for what could not be installed."""
    rules = replace(device.models, signature="off")
    verdict = tried(staged, replace(device, models=rules), Inference("any"))
    if verdict.reason:
        raise Refused(f"{source}: makes no package: {verdict.reason}")
    return verdict.family


def packed(staged: Path, archive: Path, key: "Ed25519PrivateKey | None") -> str:
    """Write the archive, and read it as a device would; what it is, in a sentence."""
    from actors.package.archive import unpack  # noqa: PLC0415 only here
    from actors.package.integrity import digest, verify  # noqa: PLC0415
    from actors.package.signature import check  # noqa: PLC0415
    from actors.package.writing import pack  # noqa: PLC0415

    try:
        pack(staged, archive)
    except OSError as error:
        raise PackageError(f"{error.filename or archive}: {error.strerror}") from None
    with tempfile.TemporaryDirectory(prefix="retinue-") as folder:
        files: Files = unpack(archive, Path(folder, "package"))
        verify(files, read_manifest(files))
        signer = check(files, "if-present", [key.public_key()] if key else [])
        found, address = read_files(files), digest(files)
    told = f"signed by {signer}" if signer else "not signed"
    return f"{archive}: {found.name}@{found.version}, {found.family}, {told}, digest {address}"
