"""HTTP as more than one actor speaks it: bounded in time, TLS verified, no secret in any word."""

import logging

for _name in ("httpcore", "httpx"):  # both write addresses and headers into the log, tokens and all
    logging.getLogger(_name).setLevel(logging.WARNING)
