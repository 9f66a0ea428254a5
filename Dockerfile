# docker build --tag retinue .
# docker run --rm --publish 8554:8554 --volume ./device.toml:/etc/retinue/device.toml:ro \
#   --volume retinue-state:/var/lib/retinue retinue
#
# Without a configuration of yours it runs the synthetic camera, and RTSP on the container's own
# loopback: nobody outside can watch before [rtsp.users] names somebody. Devices are handed in with
# --device /dev/video0, --device /dev/dri, --device /dev/accel. Nothing here depends on the
# architecture: amd64 and arm64 are the same file.
#
# It needs no privilege and writes to two directories alone:
#   --read-only --cap-drop ALL --security-opt no-new-privileges --tmpfs /tmp
#   --tmpfs /run/retinue:uid=10001,gid=10001,mode=0700
#
# OpenVINO's wheels reach a GPU or an NPU through drivers of the system, which are for amd64: what
# Debian has with --build-arg DRIVERS=intel-opencl-icd; an NPU's are Intel's own release, to be
# installed in an image that is built FROM this one.

FROM python:3.12-slim AS builder
RUN python -m venv /opt/retinue
ENV PATH=/opt/retinue/bin:$PATH PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock /app/
RUN pip install --require-virtualenv -r /app/requirements.lock
COPY pyproject.toml README.md supervisord.conf /app/
COPY actors /app/actors
COPY bus /app/bus
COPY cli /app/cli
COPY configs /app/configs
COPY models /app/models
RUN pip install --no-deps --no-build-isolation --editable /app \
 && python -m compileall -q /app/actors /app/bus /app/cli

FROM python:3.12-slim
ARG DRIVERS=""
RUN if [ -n "$DRIVERS" ]; then \
      apt-get update && apt-get install --yes --no-install-recommends $DRIVERS \
      && rm -rf /var/lib/apt/lists/*; fi
# Group video opens USB cameras; an accelerator's group is the host's own: --group-add.
RUN groupadd --gid 10001 retinue \
 && useradd --uid 10001 --gid retinue --groups video --no-create-home --shell /usr/sbin/nologin \
    retinue \
 && install -d -m 0700 -o retinue -g retinue /run/retinue /var/lib/retinue
COPY --from=builder /opt/retinue /opt/retinue
COPY --from=builder /app /app
COPY configs/default.toml /etc/retinue/device.toml
ENV PATH=/opt/retinue/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    RETINUE_CONFIG=/etc/retinue/device.toml \
    RETINUE_RUN=/run/retinue \
    RETINUE_STATE=/var/lib/retinue
# A number, so that Kubernetes can tell that it is not root.
USER 10001
WORKDIR /var/lib/retinue
VOLUME /var/lib/retinue
EXPOSE 8554
STOPSIGNAL SIGTERM
# Healthy: some actor runs. One that degrades or restarts is `retinue ps`'s to show, no reason to
# restart the container, which would take the healthy ones down too.
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s --retries=3 \
    CMD ["retinue", "ps", "--json"]
ENTRYPOINT ["retinue", "up"]
