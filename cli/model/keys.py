"""`retinue model keygen|seal`: keys, and packages that only who has one can read."""

import os
from pathlib import Path
from typing import Annotated

import typer

from actors.package import PackageError
from cli.refusal import Refused


def keygen(
    file: Annotated[Path, typer.Argument(help="The private key; its public one gets .pub added")],
    *,
    seal: Annotated[bool, typer.Option("--seal", help="A key to seal packages with")] = False,
) -> None:
    """Make a key pair to sign packages with, or with --seal the key of protected packages."""
    if seal:
        from actors.package.sealed.keys import make_key  # noqa: PLC0415 cryptography takes time

        key = make_key(file)
        typer.echo(f"{file}: key {key.id}; the device needs it: [models] keys")
        typer.echo(f'  keys = {{ "{key.id}" = "file:{file.absolute()}" }}')
        return
    from actors.package.signature import key_id  # noqa: PLC0415 cryptography takes its time
    from actors.package.signing_keys import make_keys  # noqa: PLC0415

    public = file.with_name(f"{file.name}.pub")
    pair = make_keys(file, public)
    typer.echo(f"{file}: private key {key_id(pair.public_key())}, to sign with; keep it secret")
    typer.echo(f"{public}: its public key, for devices: [models] trusted_keys")


def seal(
    package: Annotated[Path, typer.Argument(help="A package as a .zip")],
    key: Annotated[str, typer.Option("--key", help="[ID=]file:PATH or env:NAME")],
    out: Annotated[Path, typer.Option("-o", "--out", help="The sealed package")],
) -> None:
    """Encrypt a package (AES-256-GCM): who has no key cannot read it, also on the disk."""
    from actors.package.archive import unpack  # noqa: PLC0415 cryptography takes its time
    from actors.package.integrity import verify  # noqa: PLC0415
    from actors.package.manifest import MANIFEST  # noqa: PLC0415
    from actors.package.opening import unsealed  # noqa: PLC0415
    from actors.package.reading import read_files, read_manifest  # noqa: PLC0415
    from actors.package.sealed.container import seal as sealed_with  # noqa: PLC0415
    from actors.package.sealed.keys import NAMED, read_key  # noqa: PLC0415

    try:
        plain = package.read_bytes()
    except OSError as error:
        raise PackageError(f"{package}: {error.strerror}") from None
    files = unpack(plain, None, title=str(package))
    said = read_files(files)
    if files.has(MANIFEST):
        verify(files, read_manifest(files))
    secret, given = read_key(key), NAMED.fullmatch(key)
    key_id = given[1] if given else secret.id
    data = sealed_with(plain, secret, key_id, name=said.name, version=said.version)
    unsealed(data, [key if given else f"{key_id}={key}"], str(out))
    write(out, data)
    typer.echo(f"{out}: {said.name}@{said.version}, sealed with key {key_id}")


def write(path: Path, data: bytes) -> None:
    """Whole or not at all."""
    part = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise Refused(f"{path}: {error.strerror}") from None
