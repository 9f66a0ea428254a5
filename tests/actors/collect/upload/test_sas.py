"""Tokens of a device against those that Azure's own client makes."""

import base64

import pytest
from azure.iot.device.common.auth.sastoken import RenewableSasToken
from azure.iot.device.common.auth.signing_mechanism import SymmetricKeySigningMechanism
from hypothesis import given
from hypothesis import strategies as st

from actors.collect.upload.sas import BadKey, sas_token


@given(
    st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=1, max_size=40),
    st.binary(min_size=1, max_size=64),
)
def test_they_are_those_of_azures_client(device: str, secret: bytes) -> None:
    key = base64.b64encode(secret).decode()
    resource = f"hub.azure-devices.net/devices/{device}"
    theirs = RenewableSasToken(resource, SymmetricKeySigningMechanism(key))
    assert sas_token(resource, key, theirs.expiry_time) == str(theirs)


@pytest.mark.parametrize("key", ["s3cr3t", "s3cr3t=!", "é"])
def test_a_key_that_is_none_is_not_shown(key: str) -> None:
    with pytest.raises(BadKey) as refused:
        sas_token("hub/devices/d", key, 0)
    assert key not in str(refused.value)
